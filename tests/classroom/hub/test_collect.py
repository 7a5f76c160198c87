"""The shared exchange: what is forged, backdated, linked or exchanged never takes an honest submission's place.

The exchange is a real one, nbgrader's own *Collect* does the rest, and learners are real Unix users (root alone can be
several).
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from classroom.grading.intake_rules import Intake
from classroom.hub import receive as receiving
from classroom.hub.receive import Places, Receipt, receipts, receive
from classroom.release import own_programs_first

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand in as several users")

LAB = "01_lab"
ADA, EVE = "daemon", "nobody"  # Unix users that are there everywhere
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "SETTLED", 0.0)


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with one assignment; to make one takes seconds, to copy it none."""
    file = tmp_path_factory.mktemp("book") / "gradebook.db"
    with own_programs_first(), Gradebook(f"sqlite:///{file}") as book:
        book.add_assignment(LAB)
    return file


@pytest.fixture
def root(tmp_path: Path, gradebook: Path) -> Path:
    """A course with a gradebook, and an exchange as nbgrader makes it."""
    inbound = tmp_path / "exchange" / "course" / "inbound"
    inbound.mkdir(parents=True)
    inbound.chmod(0o733)
    (tmp_path / "course" / "source" / LAB).mkdir(parents=True)
    shutil.copy(gradebook, tmp_path / "course" / "gradebook.db")
    return tmp_path


def places(root: Path) -> Places:
    exchange, mine = root / "exchange" / "course", root / "course" / "received" / "course"
    return Places(exchange / "inbound", mine / "inbound", mine / "receipts", exchange / "receipts")


def hand_in(
    root: Path, learner: str, text: str, *, by: str | None = None, minutes: float = 0, secret: str = "aaaa"
) -> Path:
    """Write a submission into the exchange as nbgrader's Submit does; ``by`` is who really writes it."""
    when = datetime.now(UTC) + timedelta(minutes=minutes)
    stamp = f"{when:%Y-%m-%d %H:%M:%S.%f} UTC"
    place = root / "exchange" / "course" / "inbound" / f"{learner}+{LAB}+{stamp}+{secret}"
    place.mkdir()
    (place / f"{LAB}.ipynb").write_text(text)
    (place / "timestamp.txt").write_text(stamp)
    give(place, by or learner)
    return place


def give(place: Path, user: str) -> None:
    uid = pwd.getpwnam(user).pw_uid
    for path in (place, *place.rglob("*")):
        os.chown(path, uid, -1, follow_symlinks=False)


def collect(root: Path, *, update: bool = False) -> dict[str, str]:
    """Run nbgrader's Collect with ours in its place; each learner's notebook as it was collected."""
    config = Config()
    config.CourseDirectory.root = str(root / "course")
    config.CourseDirectory.course_id = "course"
    config.Exchange.root = str(root / "exchange")
    config.ExchangeFactory.collect = "classroom.hub.collect.CarefulCollect"
    with own_programs_first():
        result = NbGraderAPI(config=config).collect(LAB, update=update)
    assert result["success"], result
    submitted = root / "course" / "submitted"
    return {path.parts[-3]: path.read_text() for path in submitted.glob(f"*/{LAB}/{LAB}.ipynb")}


def test_an_honest_submission_is_collected_with_a_receipt(root: Path) -> None:
    place = hand_in(root, ADA, "mine")

    assert collect(root) == {ADA: "mine"}
    (receipt,) = receipts(places(root).book)
    assert (receipt.learner, receipt.lab, receipt.files, receipt.refused) == (ADA, LAB, 2, "")
    assert len(receipt.digest) == 64
    assert abs(datetime.now(UTC) - datetime.fromisoformat(receipt.received)) < QUARTER
    # The learner, who knows the folder's name, may read it; nobody may list the receipts of others.
    mine = places(root).receipts / f"{place.name}.json"
    assert Receipt(**json.loads(mine.read_text())) == receipt
    assert mine.stat().st_mode & 0o777 == 0o644
    assert mine.parent.stat().st_mode & 0o777 == 0o711
    assert places(root).kept.stat().st_mode & 0o777 == 0o700


def test_the_latest_of_several_is_collected_and_updated(root: Path) -> None:
    hand_in(root, ADA, "first", minutes=-2, secret="aaaa")
    hand_in(root, ADA, "second", minutes=-1, secret="bbbb")
    assert collect(root) == {ADA: "second"}

    hand_in(root, ADA, "third", secret="cccc")
    assert collect(root, update=True) == {ADA: "third"}


def forge(root: Path) -> None:
    hand_in(root, ADA, "forged", by=EVE, secret="zzzz", minutes=1)


def forge_a_file(root: Path) -> None:
    place = hand_in(root, ADA, "forged", secret="zzzz", minutes=1)
    os.chown(place / f"{LAB}.ipynb", pwd.getpwnam(EVE).pw_uid, -1)


def backdate(root: Path) -> None:
    hand_in(root, ADA, "backdated", secret="zzzz", minutes=-600)


def postdate(root: Path) -> None:
    hand_in(root, ADA, "postdated", secret="zzzz", minutes=600)


def link(root: Path) -> None:
    place = hand_in(root, ADA, "linked", secret="zzzz", minutes=1)
    (place / f"{LAB}.ipynb").unlink()
    (place / f"{LAB}.ipynb").symlink_to("/etc/hostname")
    give(place, ADA)


def link_hard(root: Path) -> None:
    place = hand_in(root, ADA, "linked", secret="zzzz", minutes=1)
    (root / "other").write_text("another's work")
    (place / "extra.txt").hardlink_to(root / "other")
    give(place, ADA)


def link_the_folder(root: Path) -> None:
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / f"{LAB}.ipynb").write_text("another's work")
    stamp = f"{datetime.now(UTC) + timedelta(minutes=1):%Y-%m-%d %H:%M:%S.%f} UTC"
    place = root / "exchange" / "course" / "inbound" / f"{ADA}+{LAB}+{stamp}+zzzz"
    place.symlink_to(root / "elsewhere")


def lay_a_pipe(root: Path) -> None:
    place = hand_in(root, ADA, "pipe", secret="zzzz", minutes=1)
    os.mkfifo(place / "pipe")
    give(place, ADA)


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (forge, "[owner]"),
        (forge_a_file, "[owner]"),
        (backdate, "[time]"),
        (postdate, "[time]"),
        (link, "[link]"),
        (link_hard, "[hard-link]"),
        (link_the_folder, "[link]"),
        (lay_a_pipe, "[special-file]"),
    ],
)
def test_an_attack_is_refused_before_the_latest_is_chosen(root: Path, attack: object, reason: str) -> None:
    assert callable(attack)
    hand_in(root, ADA, "honest", minutes=-1)
    attack(root)

    assert collect(root) == {ADA: "honest"}
    (refused,) = [receipt for receipt in receipts(places(root).book) if receipt.refused]
    assert refused.refused.startswith(reason)
    # And it stays refused, whatever is done to it afterwards.
    assert collect(root, update=True) == {ADA: "honest"}


def test_what_was_received_can_not_be_exchanged_afterwards(root: Path) -> None:
    place = hand_in(root, ADA, "mine")
    receive(places(root), Intake(), QUARTER)

    (place / f"{LAB}.ipynb").write_text("another's")
    assert collect(root) == {ADA: "mine"}

    shutil.rmtree(place)
    assert collect(root, update=True) == {ADA: "mine"}


def test_two_submissions_that_were_exchanged_are_both_refused(root: Path) -> None:
    one, other = hand_in(root, ADA, "ada's"), hand_in(root, EVE, "eve's", secret="bbbb")
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)

    assert collect(root) == {}
    assert {receipt.learner for receipt in receipts(places(root).book) if "[owner]" in receipt.refused} == {ADA, EVE}


def test_what_is_still_being_written_waits(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Long, so that it hasn't settled by itself on a busy machine.
    monkeypatch.setattr(receiving, "SETTLED", 600.0)
    hand_in(root, ADA, "mine")
    assert receive(places(root), Intake(), QUARTER) == []

    monkeypatch.setattr(receiving, "SETTLED", 1.0)
    (receipt,) = receive(places(root), Intake(), QUARTER, wait=True)
    assert receipt.refused == ""


def test_a_copy_that_was_interrupted_is_made_again(root: Path) -> None:
    place = hand_in(root, ADA, "mine")
    kept = places(root).kept
    (kept / place.name).mkdir(parents=True)
    (kept / place.name / f"{LAB}.ipynb").write_text("half")
    (kept / f".{place.name}.part").mkdir()

    assert collect(root) == {ADA: "mine"}
    assert [path.name for path in kept.iterdir()] == [place.name]


def test_what_is_no_submission_is_left_alone(root: Path) -> None:
    inbound = places(root).inbound
    for name in ("notes", f"{ADA}+{LAB}", f"{ADA}+{LAB}+yesterday+aaaa", f"+{LAB}+2026-01-01 10:00:00 UTC+aaaa"):
        (inbound / name).mkdir()

    assert receive(places(root), Intake(), QUARTER) == []
    assert collect(root) == {}


def test_a_large_file_is_refused(root: Path) -> None:
    place = hand_in(root, ADA, "mine")
    (place / "film.mp4").write_bytes(bytes(2000))
    give(place, ADA)

    (receipt,) = receive(places(root), Intake(max_file_bytes=1000), QUARTER)
    assert receipt.refused.startswith("[too-large]")


@contextmanager
def as_user(name: str) -> Iterator[None]:
    """Be another account for a while: root may read everything, a grader's own account may not."""
    os.seteuid(pwd.getpwnam(name).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_read_is_refused_and_the_others_are_taken() -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to every other account
        root = Path(made)
        inbound = root / "exchange" / "course" / "inbound"
        inbound.mkdir(parents=True)
        (root / "course").mkdir()
        for folder in (root, *root.rglob("*")):
            os.chown(folder, pwd.getpwnam("bin").pw_uid, -1)
        hand_in(root, EVE, "honest")
        hidden = hand_in(root, ADA, "hidden")
        (hidden / "figures").mkdir(mode=0)
        give(hidden, ADA)
        with as_user("bin"):
            found = {receipt.learner: receipt for receipt in receive(places(root), Intake(), QUARTER)}
    assert found[EVE].refused == ""
    assert found[ADA].refused == "[unreadable] 'figures' can't be read. Check its permissions, and hand in again."
