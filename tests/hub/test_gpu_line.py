"""The line for GPU shares: whoever asks, gives up, gives back or is cut off by a restart, in whatever order."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from classroom.hub.gpu_line import KEPT, Line, OneShareError, Share, shares_of
from classroom.hub.gpu_words import form, ordinal, place_in_words

PEOPLE = st.sampled_from([f"learner-{number}" for number in range(7)])


class Lending(RuleBasedStateMachine):
    """A line beside the simplest account of one: a list of those who wait, and a dictionary of loans."""

    @initialize(shares=st.integers(1, 3))
    def open(self, shares: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.shares = shares_of(["GPU-a"], 1 / shares)
        self.now = 0.0
        self.waiting: list[str] = []  # in the order of the line
        self.away: dict[str, float] = {}  # whose place is kept, and until when
        self.loans: dict[str, Share] = {}
        self.begin()

    def begin(self) -> None:
        self.line = Line(self.shares, Path(self.folder.name) / "line.json", clock=lambda: self.now)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(who=PEOPLE)
    def ask(self, who: str) -> None:
        if who in self.loans or (who in self.waiting and who not in self.away):
            with pytest.raises(OneShareError):
                self.line.join(who)
            return
        self.line.join(who)
        self.away.pop(who, None)
        if who not in self.waiting:
            self.waiting.append(who)

    @rule(who=PEOPLE)
    def look(self, who: str) -> None:
        turn = who in self.waiting[: len(self.shares) - len(self.loans)]
        share = self.line.take(who)
        assert (share is not None) == turn
        if share is not None:
            assert share in self.shares and share not in self.loans.values()
            self.waiting.remove(who)
            self.away.pop(who, None)
            self.loans[who] = share

    @rule(who=PEOPLE)
    def give_up(self, who: str) -> None:
        self.line.leave(who)
        self.away.pop(who, None)
        if who in self.waiting:
            self.waiting.remove(who)

    @rule(who=PEOPLE)
    def cut_off(self, who: str) -> None:
        self.line.keep(who)
        if who in self.waiting:
            self.away[who] = self.now + KEPT

    @rule(who=PEOPLE)
    def end(self, who: str) -> None:
        self.line.give_back(who)
        self.loans.pop(who, None)

    @rule(survivors=st.sets(PEOPLE))
    def crash_and_start_anew(self, survivors: set[str]) -> None:
        self.loans = {who: share for who, share in self.loans.items() if who in survivors}
        self.away = dict.fromkeys(self.waiting, self.now + KEPT)
        self.begin()
        for who, share in self.loans.items():
            self.line.adopt(who, share)

    @precondition(lambda self: self.away)
    @rule(seconds=st.floats(1, 2 * KEPT))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds
        late = [who for who, until in self.away.items() if until < self.now]
        for who in late:
            self.waiting.remove(who)
            del self.away[who]

    @invariant()
    def nothing_is_lent_twice_or_lost(self) -> None:
        if not hasattr(self, "line"):
            return
        held = list(self.line.held.values())
        assert len(held) == len(set(held)) <= len(self.shares)
        assert {*held, *self.line.free} == set(self.shares)
        assert self.line.held == self.loans

    @invariant()
    def the_line_is_in_the_order_of_asking(self) -> None:
        if hasattr(self, "line"):
            assert self.line.waiting == self.waiting
            assert [self.line.place(who) for who in self.waiting] == list(range(1, len(self.waiting) + 1))


TestLending = Lending.TestCase


def test_people_are_spread_over_the_gpus() -> None:
    assert shares_of(["a", "b"], 0.5) == [Share("a", 0), Share("b", 0), Share("a", 1), Share("b", 1)]
    assert [len(shares_of(["a"], share)) for share in (1, 0.5, 1 / 3, 0.3, 0.25, 0.2, 0.1)] == [1, 2, 3, 3, 4, 5, 10]


def test_a_share_of_other_settings_takes_the_place_of_one() -> None:
    line = Line(shares_of(["new"], 0.5))
    line.adopt("ada", Share("old", 3))
    for who in ("bob", "cem"):
        line.join(who)
    assert line.take("bob") == Share("new", 0)
    assert line.take("cem") is None
    line.give_back("ada")
    assert line.take("cem") == Share("new", 1)


@pytest.mark.parametrize("text", ["", "{", "5", "null"])
def test_a_file_that_holds_no_line_keeps_nobody_out(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "line.json"
    file.write_text(text)
    line = Line(shares_of(["GPU-a"], 1), file)
    assert "the line begins anew" in caplog.text
    line.join("ada")
    assert file.read_text() == '["ada"]'
    assert line.take("ada") == Share("GPU-a", 0) and file.read_text() == "[]"


def test_what_a_learner_reads() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th",
    ]  # fmt: skip
    assert place_in_words(3, 4).startswith("You are 3rd in line for a GPU share; all 4 are in use.")
    line = Line(shares_of(["GPU-a"], 0.5))
    assert "half of a GPU): 2 free" in form(line, 0.5)
    for who in ("ada", "bob", "cem"):
        line.join(who)
        line.take(who)
    assert "half of a GPU): all 2 are in use, 1 waiting" in form(line, 0.5)
