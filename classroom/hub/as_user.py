"""Run a program as another account of this machine, with nothing of the administrator's environment."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PATH = "/usr/local/bin:/usr/bin:/bin"


def run_as(
    name: str | None, command: list[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Args:
        name: the account; this process's own, if None.
        command: the program and its words.
        environment: variables, beside HOME, USER and PATH.
        folder: where it starts; the account's home, if not given.

    Returns:
        Its exit status and what it wrote, stderr among it.
    """
    account = pwd.getpwuid(os.getuid()) if name is None else pwd.getpwnam(name)
    other: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid}
    other["extra_groups"] = os.getgrouplist(account.pw_name, account.pw_gid)
    variables = {"HOME": account.pw_dir, "USER": account.pw_name, "PATH": PATH, "LANG": "C.UTF-8"}
    return subprocess.run(
        command,
        cwd=folder or account.pw_dir,
        env={**variables, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **({} if name is None else other),
    )
