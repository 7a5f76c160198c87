"""Accounts of this machine for the people of a hub: made once, with a random password, and taken away again."""

from __future__ import annotations

import grp
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from classroom.hub.places import Places

TRIES = 60  # half a second each: somebody else may be writing the system's list of accounts


class AccountError(Exception):
    """An account can't be made or used; the message says why and what to do."""


def can_make_accounts() -> bool:
    """Whether this process may: it is root's, and the system's programs for it are there."""
    return os.geteuid() == 0 and all(map(shutil.which, ("useradd", "userdel", "chpasswd")))


def ensure_account(name: str, places: Places) -> bool:
    """Make the account, unless it is there and this hub's; its home folder is nobody else's to look at.

    Returns:
        Whether it is new.

    Raises:
        AccountError: if somebody else has this name, or the system refuses.
    """
    home = places.home(name)
    try:
        known = pwd.getpwnam(name)
    except KeyError:
        known = None
    if known is None:
        options = ["--home-dir", str(home), "--no-create-home", "--shell", "/bin/bash", "--user-group"]
        _system(["useradd", *options, "--comment", "datakit hub", name])
        known = pwd.getpwnam(name)
        new = True
    elif Path(known.pw_dir) == home:
        new = False
    else:
        raise AccountError(
            f"This machine has an account {name!r} already (home {known.pw_dir}), which isn't this hub's. Choose "
            f"another name in {places.roster}, or, if it is left over from an earlier hub, remove it: userdel {name}"
        )
    home.mkdir(exist_ok=True)
    # A home folder that outlived its account belongs to the account's old number.
    if home.stat().st_uid != known.pw_uid:
        _give(home, known)
    home.chmod(0o700)
    return new


def ensure_group(name: str, members: Iterable[str]) -> None:
    """Make the group of those who may use `classroom`, and set its members.

    Raises:
        AccountError: if the system refuses.
    """
    try:
        grp.getgrnam(name)
    except KeyError:
        _system(["groupadd", name])
    _system(["gpasswd", "--members", ",".join(members), name])


def set_passwords(names: Iterable[str], file: Path) -> None:
    """Give each account a random password, and note it in a file that only root may read.

    Raises:
        AccountError: if the system refuses.
    """
    chosen = {name: secrets.token_urlsafe(9) for name in names}
    if not chosen:
        return
    _system(["chpasswd"], "".join(f"{name}:{password}\n" for name, password in chosen.items()))
    kept = {**read_passwords(file), **chosen}
    part = file.with_name(f".{file.name}.part")
    part.touch(mode=0o600)
    part.write_text("".join(f"{name} {password}\n" for name, password in sorted(kept.items())), encoding="utf-8")
    part.replace(file)


def read_passwords(file: Path) -> dict[str, str]:
    """The passwords that were given, by name; people may have changed theirs since."""
    if not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line)


def remove_accounts(places: Places) -> list[str]:
    """Remove every account whose home lies in this hub's folder; the folder itself stays.

    Returns:
        Their names.

    Raises:
        AccountError: if the system refuses.
    """
    found = [entry.pw_name for entry in pwd.getpwall() if Path(entry.pw_dir).parent == places.homes]
    for name in found:
        _system(["userdel", "--force", name])
    return found


def remove_group(name: str) -> None:
    """Remove a group, if it is there.

    Raises:
        AccountError: if the system refuses.
    """
    try:
        grp.getgrnam(name)
    except KeyError:
        return
    _system(["groupdel", name])


def _give(folder: Path, owner: pwd.struct_passwd) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _system(command: list[str], text: str | None = None) -> None:
    for again in reversed(range(TRIES)):
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if not again or "lock" not in done.stderr:
            raise AccountError(f"{command[0]} was refused by the system: {done.stderr.strip()}")
        time.sleep(0.5)
