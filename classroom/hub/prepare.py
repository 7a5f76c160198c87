"""Everything a hub needs before it starts: accounts, environment, exchange, courses, proxy."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from classroom.hub.accounts import (
    can_make_accounts,
    ensure_account,
    ensure_group,
    read_passwords,
    remove_accounts,
    remove_group,
    set_passwords,
)
from classroom.hub.courses import bring_course, lay_out
from classroom.hub.environment import make_environment
from classroom.hub.places import REPOSITORY, Places
from classroom.hub.plan import Hub, free_ports
from classroom.hub.proxy import ensure_proxy
from classroom.hub.reach import check_reach, close
from classroom.hub.roster import Roster, read_roster

Say = Callable[[str], None]
LOOK = """\
This is a hub for a look. It can't make accounts ({why}), so everyone is the same account of this machine, with one
password: nothing keeps people's work, the solutions and the gradebook apart, nobody is held to limits, and who handed
something in can't be checked. For a class, start it as root."""


def prepare(root: Path, port: int, source: Path, say: Say, *, look: bool = False) -> Hub:
    """Make what is missing, and leave what is there: people's homes, the exchange, the gradebooks.

    Args:
        root: the hub's folder.
        port: where browsers will find it.
        source: the course: the folder with solutions/, nbgrader_config.py and jupytext.toml.
        say: told in a sentence what is done.
        look: make no accounts, even if that is possible.

    Returns:
        The hub, ready to start.

    Raises:
        RosterError, AccountError, NoPythonError, ReachError, ProxyError, LayOutError, CourseError, OSError: with a
            message that says what to do.
    """
    places = Places(root.resolve())
    _folders(places)
    roster = read_roster(places.roster)
    proxy = ensure_proxy(places.proxy)
    accounts = can_make_accounts() and not look
    if accounts:
        _accounts(places, roster, source, say)
    else:
        why = "as you asked" if look else "only root may" if os.geteuid() else "useradd or chpasswd is missing"
        say(LOOK.format(why=why))
        _look(places, roster)
    hub = Hub(places.root, accounts, port, tuple(proxy))
    for course in roster.courses:
        bring_course(course, hub, source)
        say(f"{course.name}: building labs that are not built yet (the first time: some seconds each)")
        for done in lay_out(course, hub):
            say(f"{course.name}: {done}")
    # Now, and not before: what is free may be taken a minute later.
    hub = replace(hub, ports=free_ports(["hub", "proxy", *(course.name for course in roster.courses)]))
    hub.save()
    _forget_memberships(places.state / "jupyterhub.sqlite")
    return hub


def forget(root: Path) -> list[str]:
    """Remove the accounts of a hub; its folder stays.

    Returns:
        Their names.

    Raises:
        AccountError: if the system refuses.
    """
    places = Places(root.resolve())
    names = remove_accounts(places)
    remove_group(staff_group(places))
    return names


def staff_group(places: Places) -> str:
    """The group of those who may read `classroom`: a hub's own, so that two hubs on a machine don't mix."""
    return f"datakit-{hashlib.sha256(str(places.root).encode()).hexdigest()[:8]}"


def _forget_memberships(database: Path) -> None:
    """Empty JupyterHub's groups, which it only ever adds to: at its start it fills them again from hub.toml."""
    if database.exists():
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("DELETE FROM user_group_map")


def _folders(places: Places) -> None:
    places.root.mkdir(parents=True, exist_ok=True)
    places.root.chmod(0o711)
    places.state.mkdir(exist_ok=True)
    places.state.chmod(0o700)
    places.homes.mkdir(exist_ok=True)
    places.homes.chmod(0o711)
    shutil.copytree(REPOSITORY / "hub" / "roles", places.roles, dirs_exist_ok=True)
    for path in [places.roles, *places.roles.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    places.exchange.mkdir(exist_ok=True)
    # As /tmp: whoever may write into it may not take others' things away.
    places.exchange.chmod(0o1777)


def _accounts(places: Places, roster: Roster, source: Path, say: Say) -> None:
    for repository in {REPOSITORY, source.resolve()}:
        closed = close(repository)
        if closed:
            say(f"Closed to other accounts of this machine, in {repository}: {', '.join(closed)}")
    new = [name for name in (*roster.people, *roster.graders) if ensure_account(name, places)]
    set_passwords([name for name in roster.people if name in new], places.logins)
    ensure_group(staff_group(places), [*roster.staff, *roster.graders])
    say("Preparing the Python environment of the servers")
    make_environment(places)
    shutil.chown(places.staff, "root", staff_group(places))
    learner = next((name for course in roster.courses for name in course.learners), None)
    if learner is not None:
        others = [name for name in (*roster.people, *roster.graders) if name != learner]
        for repository in {REPOSITORY, source.resolve()}:
            check_reach(places, repository, learner, others)


def _look(places: Places, roster: Roster) -> None:
    for name in (*roster.people, *roster.graders):
        places.home(name).mkdir(exist_ok=True)
    if "everyone" not in read_passwords(places.logins):
        places.logins.touch(mode=0o600)
        places.logins.write_text(f"everyone {secrets.token_urlsafe(9)}\n", encoding="utf-8")
