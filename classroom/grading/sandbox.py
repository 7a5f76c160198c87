"""The outer sandbox: what of this machine the warm parent, and so every submission, can see. Made by bubblewrap.

Visible, and never writable: the system's programs and libraries, this Python environment, `datakit`, and the few files
of the grader that run on the learner's side. Everything else isn't there: no home folder, no course, no gradebook, no
other part of `classroom`, no network, no variable of the grader's environment.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from classroom.grading import agent_files

HERE = Path(__file__).parent
OWN = Path("/opt/grader")  # inside: what of the grader runs beside the learner
ACCOUNT = 65534  # "nobody": what root becomes
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/sys/devices/system/cpu")
_SETTINGS = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "ssl/certs",
)
_MADE = {  # files that exist only inside
    "/etc/passwd": "learner:x:1000:1000:learner:/home/learner:/bin/sh\n",
    "/etc/group": "learner:x:1000:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n",
    "/etc/nsswitch.conf": "hosts: files\n",
    f"{OWN}/classroom/__init__.py": "",
    f"{OWN}/classroom/grading/__init__.py": "",
}
_EMPTY = ("/lab", "/home/learner", "/scratch", "/dev/shm")
_PARENTS_TMP = 64 << 20  # bytes; hidden from every submission


class NoSandboxError(OSError):
    """Submissions can't be confined on this machine; the message says why and what to do."""


def command(
    made: Path, hidden: Iterable[Path] = (), gpu: bool = False, shown: Iterable[Path] = (), written: Iterable[Path] = ()
) -> list[str]:
    """The words that start a command inside the sandbox.

    Args:
        made: an empty folder, to which the few files are written that exist only inside.
        hidden: folders that must not be visible, should they lie in one that is: the course, the labs' sources.
        gpu: whether the GPUs' device files are visible.
        shown: further files and folders that may be read, where they are outside.
        written: files that may be written, where they are outside.

    Raises:
        NoSandboxError: if bubblewrap isn't installed.
    """
    words = [program(), "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    words += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-add", "ALL"]
    if os.getuid() != 0:  # root becomes another account inside, which a namespace of its own would not let it
        words += ["--unshare-user"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", str(_PARENTS_TMP), "--tmpfs", "/tmp"]
    binds = [(path, path) for path in map(Path, _SYSTEM) if path.is_dir() and not path.is_symlink()]
    binds += [(path, path) for path in (Path("/etc") / setting for setting in _SETTINGS) if path.exists()]
    binds += [(path, path) for path in _environment()]
    binds += [(file, OWN / "classroom" / "grading" / file.relative_to(HERE)) for file in own_files()]
    for number, (target, text) in enumerate(_MADE.items()):
        (made / str(number)).write_text(text)
        binds.append((made / str(number), Path(target)))
    binds += [(path, path) for path in shown]
    words += _folders([*map(Path, _EMPTY), *(inside.parent for _, inside in binds), *(path.parent for path in written)])
    for outside, inside in binds:
        words += ["--ro-bind", str(outside), str(inside)]
    for path in written:
        words += ["--bind", str(path), str(path)]
    for place in map(Path, _SYSTEM):
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()), str(place)]
    for covered in _covered(hidden):
        words += ["--tmpfs", str(covered), "--remount-ro", str(covered)]
    if gpu:
        for device in sorted(Path("/dev").glob("nvidia*")):
            words += ["--dev-bind", str(device), str(device)]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/"]


def program() -> str:
    """The path of bubblewrap.

    Raises:
        NoSandboxError: if it isn't installed.
    """
    found = shutil.which("bwrap")
    if found is None:
        raise NoSandboxError(refusal("bwrap isn't installed (Debian: apt install bubblewrap)"))
    return found


def own_files() -> list[Path]:
    """The grader's files that run beside the learner: the kernel's part, and the agent."""
    agent = [path for pattern in agent_files.PATTERNS for path in HERE.glob(pattern)]
    return sorted([*(HERE / "inside").glob("*.py"), *agent])


def _folders(paths: Iterable[Path]) -> list[str]:
    """Words that make folders which every account may enter; bubblewrap's own default is root alone."""
    wanted = {folder for path in paths for folder in (path, *path.parents)} - {Path("/")}
    return [word for folder in sorted(wanted) for word in ("--dir", str(folder))]


def _environment() -> list[Path]:
    datakit = importlib.util.find_spec("datakit")
    places = [Path(sys.prefix), Path(sys.base_prefix)]
    if datakit is not None and datakit.origin:
        places.append(Path(datakit.origin).parent)
    return sorted({place.absolute() for place in places if not _inside(place, map(Path, _SYSTEM))})


def _covered(hidden: Iterable[Path]) -> list[Path]:
    visible = [Path("/usr"), *_environment()]
    wanted = [*hidden, HERE.parent]
    return sorted({path.resolve() for path in wanted if path.is_dir() and _inside(path, visible)})


def _inside(path: Path, places: Iterable[Path]) -> bool:
    return any(path.resolve().is_relative_to(place.resolve()) for place in places)


def refusal(why: str) -> str:
    """What to tell whoever asked for a sandbox that can't be had."""
    return (
        f"Submissions can't be confined on this machine: {why}. Without a sandbox a submission can read the hidden "
        "tests, change the gradebook and use the network with your rights, so nothing was run. Install or allow what "
        "is missing (docs/administrators/grading.md). For submissions that you wrote yourself, say --unsafe-no-sandbox."
    )
