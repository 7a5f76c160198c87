"""What an attacker may come to know of a running hub: paths, ports and process numbers are no secrets."""

from __future__ import annotations

import grp
import json
import os
import pwd
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from classroom.hub.plan import Hub
from classroom.hub.prepare import staff_group
from classroom.hub.processes import processes_of

from .kernels import Kernel
from .midcourse import MidCourse
from .running import REPOSITORY

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


def gather(class_: MidCourse, kernel: Kernel) -> dict[str, Any]:
    """Everything that the attempts name.

    Args:
        class_: the hub.
        kernel: one of ben's, who is attacked.
    """
    hub, places = class_.hub, class_.hub.places
    server, formgrader = process(class_, "jupyterhub.singleuser", "ben"), process(class_, "singleuser", "main")
    connection = hub.home("ben") / ".local" / "share" / "jupyter" / "runtime" / f"kernel-{kernel.id}.json"
    known = json.loads(connection.read_text())
    return {
        **hub.names,
        "lab": "mini_lab",
        "repository": str(REPOSITORY),
        "source": str(hub.course),
        "root": str(places.root),
        "state": str(places.state),
        "logins": str(places.logins),
        "staff": str(places.staff),
        "site": str(places.site),
        "roles": str(places.roles),
        "exchange": str(places.exchange),
        "course": str(class_.root),
        "grader_home": str(hub.home("main")),
        "ben_home": str(hub.home("ben")),
        "ben_uid": pwd.getpwnam(hub.names["ben"]).pw_uid,
        "staff_gid": grp.getgrnam(staff_group(places)).gr_gid,
        "ben_pid": server.pid,
        "ben_port": urlsplit(server.environ()["JUPYTERHUB_SERVICE_URL"]).port,
        "ben_kernel_pid": process(class_, f"kernel-{kernel.id}", "ben").pid,
        "ben_connection": str(connection),
        "ben_kernel_ports": [known[f"{channel}_port"] for channel in CHANNELS],
        "hub_pid": process(class_, "jupyterhub_config.py", "root").pid,
        "proxy_pid": process(class_, "configurable-http-proxy", "root").pid,
        "proxy_port": Hub.load(places.root).ports["proxy"],
        "formgrader_pid": formgrader.pid,
    }


def process(class_: MidCourse, words: str, short: str) -> psutil.Process:
    """The process of an account (``root``: the machine's own) whose command has these words."""
    owner = "root" if short == "root" else class_.account(short)
    uid = pwd.getpwnam(owner).pw_uid
    found = processes_of(class_.hub.places.root)
    (wanted,) = (each for each in found if each.uids().real == uid and words in " ".join(each.cmdline()))
    return wanted


def plant(class_: MidCourse) -> None:
    """Give ben a secret, and ada links to what isn't hers."""
    secret, uid = class_.hub.home("ben") / "secret.txt", pwd.getpwnam(class_.hub.names["ben"]).pw_uid
    secret.write_text("ben's alone")
    secret.chmod(0o644)  # it's the home folder that keeps others out
    os.chown(secret, uid, -1)
    home = class_.hub.home("ada")
    links = {
        "link-to-ben": secret,
        "link-to-hub": class_.hub.places.state / "jupyterhub.sqlite",
        "link-to-gradebook": class_.root / "course" / "gradebook.db",
        "link-to-source": class_.hub.course / "solutions" / "mini_lab" / "mini_lab.py",
        "link-to-own": Path("own.txt"),
    }
    made = "; ".join(f"os.symlink({str(target)!r}, {str(home / name)!r})" for name, target in links.items())
    said = class_.run_as("ada", f"import os; open({str(home / 'own.txt')!r}, 'w').write('mine'); {made}")
    assert not said, said
