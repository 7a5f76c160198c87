"""Nothing of a submission is trusted: what can't be taken is refused by name, what can is read by descriptor."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classroom.grading.intake import Submission, is_student_id, submitted, take_in
from classroom.grading.intake_refused import name_of
from classroom.grading.intake_rules import Intake

from .learner import Learner

SECRET = "the instructor's solution"


def test_an_honest_submission_is_taken_in(ada: Learner) -> None:
    (ada.folder / "notes.txt").write_text("mine")
    taken = ada.taken()
    assert taken.refused == ""
    assert dict(taken.files) == {"mini_lab.ipynb": ada.path.read_bytes()}
    assert taken.owner == pwd.getpwuid(os.getuid()).pw_name
    assert taken.claimed == "2026-11-20 10:00:00.000000 UTC"
    assert taken == ada.taken(), "the same submission gives the same record"


def test_a_listed_support_file_is_taken_along_and_counts(ada: Learner) -> None:
    (ada.folder / "helper.py").write_text("x = 1")
    first = ada.taken(listed=("helper.py", "missing.py"))
    assert first.files["helper.py"] == b"x = 1"
    (ada.folder / "helper.py").write_text("x = 2")
    assert ada.taken(listed=("helper.py",)).digest != first.digest


def link_notebook(ada: Learner, elsewhere: Path) -> None:
    ada.path.unlink()
    ada.path.symlink_to(elsewhere)


def link_beside(ada: Learner, elsewhere: Path) -> None:
    (ada.folder / "extra.txt").symlink_to(elsewhere)


def hard_link(ada: Learner, elsewhere: Path) -> None:
    os.link(elsewhere, ada.folder / "extra.txt")


def link_folder(ada: Learner, elsewhere: Path) -> None:
    (ada.folder / "deep").symlink_to(elsewhere.parent)


def link_submission(ada: Learner, elsewhere: Path) -> None:
    shutil.move(ada.folder, elsewhere.parent / "moved")
    ada.folder.symlink_to(elsewhere.parent / "moved")


def link_student(ada: Learner, elsewhere: Path) -> None:
    shutil.move(ada.folder.parent, elsewhere.parent / "moved")
    ada.folder.parent.symlink_to(elsewhere.parent / "moved")


def file_for_folder(ada: Learner, elsewhere: Path) -> None:
    shutil.rmtree(ada.folder)
    ada.folder.write_text("no folder")


def pipe(ada: Learner, elsewhere: Path) -> None:
    os.mkfifo(ada.folder / "pipe")


def pipe_for_notebook(ada: Learner, elsewhere: Path) -> None:
    ada.path.unlink()
    os.mkfifo(ada.path)


def unix_socket(ada: Learner, elsewhere: Path) -> None:
    here = Path.cwd()
    os.chdir(ada.folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    os.chdir(here)


def large_notebook(ada: Learner, elsewhere: Path) -> None:
    os.truncate(ada.path, (16 << 20) + 1)


def large_file(ada: Learner, elsewhere: Path) -> None:
    (ada.folder / "data.bin").touch()
    os.truncate(ada.folder / "data.bin", (100 << 20) + 1)


def many_files(ada: Learner, elsewhere: Path) -> None:
    for number in range(5001):
        (ada.folder / str(number)).touch()


def deep_folders(ada: Learner, elsewhere: Path) -> None:
    (ada.folder / "/".join("d" * 20)).mkdir(parents=True)


def newline_in_a_name(ada: Learner, elsewhere: Path) -> None:
    (ada.folder / "a\nb").touch()


def bytes_in_a_name(ada: Learner, elsewhere: Path) -> None:
    Path(os.fsdecode(bytes(ada.folder) + b"/\xff\xfe")).touch()


def renamed_notebook(ada: Learner, elsewhere: Path) -> None:
    ada.path.rename(ada.folder / "mini_lab (1).ipynb")


def no_notebook(ada: Learner, elsewhere: Path) -> None:
    ada.path.unlink()


@pytest.mark.parametrize(
    ("trick", "verdict"),
    [
        (link_notebook, "link"),
        (link_beside, "link"),
        (hard_link, "hard-link"),
        (link_folder, "link"),
        (link_submission, "link"),
        (link_student, "link"),
        (file_for_folder, "not-a-folder"),
        (pipe, "special-file"),
        (pipe_for_notebook, "special-file"),
        (unix_socket, "special-file"),
        (large_notebook, "too-large"),
        (large_file, "too-large"),
        (many_files, "too-many-files"),
        (deep_folders, "too-deep"),
        (newline_in_a_name, "odd-path"),
        (bytes_in_a_name, "odd-path"),
        (renamed_notebook, "no-notebook"),
        (no_notebook, "no-notebook"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_cannot_be_taken_is_refused_by_name(
    ada: Learner, tmp_path: Path, trick: Callable[[Learner, Path], None], verdict: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    elsewhere = tmp_path / "elsewhere" / "solution.txt"
    elsewhere.write_text(SECRET)
    trick(ada, elsewhere)
    taken = ada.taken()
    assert name_of(taken.refused) == verdict, taken.refused
    assert taken.files == {}
    assert taken.student == "ada"


def test_a_renamed_notebook_is_named(ada: Learner) -> None:
    ada.path.rename(ada.folder / "mine.ipynb")
    assert ada.taken().refused == "[no-notebook] There is no 'mini_lab.ipynb'; found 'mine.ipynb'. Rename it."


def test_what_is_checked_is_what_is_read(ada: Learner, tmp_path: Path) -> None:
    """A file that keeps changing into a link and back never gives its target away."""
    target, honest = tmp_path / "solution.ipynb", tmp_path / "honest"
    target.write_text(SECRET)
    honest.write_bytes(ada.path.read_bytes())
    over = threading.Event()

    def swap() -> None:
        spare = ada.folder.parent / "spare"
        while not over.is_set():
            spare.symlink_to(target)
            spare.replace(ada.path)
            shutil.copy(honest, spare)
            spare.replace(ada.path)

    thief = threading.Thread(target=swap)
    thief.start()
    try:
        seen = [ada.taken() for _ in range(300)]
    finally:
        over.set()
        thief.join()
    assert all(SECRET.encode() not in b"".join(taken.files.values()) for taken in seen)
    assert {name_of(taken.refused) for taken in seen} <= {"", "link", "no-notebook", "unreadable", "changed-while-read"}


def test_owners_count_where_learners_are_unix_users(ada: Learner) -> None:
    rules = Intake(real_users=True)
    me = pwd.getpwuid(os.getuid()).pw_name
    refused = ada.taken(rules).refused
    assert refused == f"[owner] It belongs to {me}, and was handed in as ada's work. Ask both who wrote it."
    own = Learner(ada.course, ada.lab, me)
    own.hand_in()
    assert own.taken(rules).refused == ""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_one_foreign_file_in_a_submission_is_enough(ada: Learner) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    own = Learner(ada.course, ada.lab, me)
    own.hand_in()
    os.chown(own.path, 54321, -1)
    assert name_of(own.taken(Intake(real_users=True)).refused) == "owner"


def test_the_servers_time_counts_not_the_learners(ada: Learner) -> None:
    before = datetime.now(UTC).timestamp()
    ada.write(ada.path.read_bytes(), at="2020-01-01 00:00:00.000000 UTC")
    os.utime(ada.path, (0, 0))
    taken = ada.taken()
    assert abs(taken.when(Intake()).timestamp() - before) < 600
    assert taken.when(Intake(clock="timestamp")) == datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "99999999999999", "\x00", "é", "x" * 2000])
def test_an_odd_timestamp_is_no_time(ada: Learner, text: str) -> None:
    (ada.folder / "timestamp.txt").write_text(text)
    taken = ada.taken()
    assert taken.refused == ""
    assert taken.when(Intake(clock="timestamp")) == taken.received


def test_who_handed_in(ada: Learner) -> None:
    root = ada.course.work / "submitted"
    (root / ".hidden" / "mini_lab").mkdir(parents=True)
    (root / "bob" / "other_lab").mkdir(parents=True)
    (root / "eve").mkdir()
    (root / "eve" / "mini_lab").symlink_to(root / "nowhere")
    assert submitted(root, "mini_lab") == ["ada", "eve"]
    assert submitted(root / "missing", "mini_lab") == []
    assert isinstance(take_in(root, "mini_lab", "eve", Intake()), Submission)


@pytest.mark.parametrize(("name", "fine"), [("ada", True), ("o'neill, b", True), ("a\nb", False), ("x" * 129, False)])
def test_a_folders_name_must_do_as_an_id(name: str, fine: bool) -> None:
    assert is_student_id(name) is fine
