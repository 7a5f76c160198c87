"""The conversation: nested questions, threads, changed arguments, and a hostile other end."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from classroom.grading.wire import decode, encode
from classroom.grading.wire_bounds import MOST_BYTES
from classroom.grading.wire_effects import apply, effects, mutable_parts, snapshot
from classroom.grading.wire_link import MOST_NESTED, Garbled, Gone, Link, TimeUp

from .wire_terms import Terms


def changed_by(action: Callable[[Any], object], value: Any) -> Any:
    """What a caller sees of its own object after a call that was given a copy."""
    copy = sent(value)
    given = mutable_parts(copy)
    before = snapshot(given)
    action(copy)
    apply(mutable_parts(value), sent(effects(given, before)))
    return value


def sent(value: Any) -> Any:
    return decode(encode(value, Terms()), Terms())


def test_what_a_call_changes_the_caller_sees() -> None:
    assert changed_by(lambda v: v.sort(), [3, 1, 2]) == [1, 2, 3]
    assert changed_by(lambda v: v.update(b=2), {"a": 1}) == {"a": 1, "b": 2}
    assert changed_by(lambda v: v.discard(1), {1, 2}) == {2}
    assert changed_by(lambda v: v[0].append(v[1]), ([1], {"k": 2})) == ([1, {"k": 2}], {"k": 2})
    assert changed_by(lambda v: v.add_(1), torch.tensor([1, 2])).tolist() == [2, 3]
    assert changed_by(lambda v: v.unsqueeze_(0), torch.tensor([1, 2])).shape == (1, 2)
    assert changed_by(lambda v: v.__imul__(2), np.array([1, 2])).tolist() == [2, 4]
    assert changed_by(lambda v: None, [1, [2]]) == [1, [2]]


def test_a_sorted_list_holds_the_same_objects() -> None:
    one, two = torch.tensor([1]), torch.tensor([2])
    given = [two, one]
    changed_by(lambda v: v.reverse(), given)
    assert given[0] is one
    assert given[1] is two
    assert two.tolist() == [2]


def test_a_view_changes_its_base_too() -> None:
    base = torch.zeros(2, 2)
    changed_by(lambda v: v.fill_(1), base[0])
    assert base.tolist() == [[1, 1], [0, 0]]


class Ends:
    """Two ends of a conversation in one process; the far one serves in a thread."""

    def __init__(self, far: Callable[[Link, str, list[Any]], object], near: Callable[[str, list[Any]], object]) -> None:
        ours, theirs = socket.socketpair()
        self.far = Link(theirs, Terms(), lambda operation, arguments: far(self.far, operation, arguments))
        self.near = Link(ours, Terms(), near, time.monotonic() + 60)
        self.thread = threading.Thread(target=self.far.serve)
        self.thread.start()

    def close(self) -> None:
        self.near.tell("done")
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    made = Ends(*request.param)
    yield made
    made.close()


def down(link: Link, operation: str, arguments: list[Any]) -> object:
    """Count down by asking back."""
    return 0 if arguments[0] == 0 else 1 + link.ask("down", arguments[0] - 1)


@pytest.mark.parametrize("ends", [(down, None)], indirect=True)
def test_questions_nest_as_deep_as_is_allowed(ends: Ends) -> None:
    ends.near.answer = lambda operation, arguments: (
        0 if arguments[0] == 0 else 1 + ends.near.ask("down", arguments[0] - 1)
    )
    assert ends.near.ask("down", 20) == 20
    with pytest.raises(RecursionError, match=f"deeper than {MOST_NESTED}"):
        ends.near.ask("down", 10 * MOST_NESTED)
    assert ends.near.ask("down", 3) == 3


def from_threads(link: Link, operation: str, arguments: list[Any]) -> object:
    """Ask back from four threads at once."""
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda k=k: found.extend(link.ask("square", i) for i in range(k, 40, 4)))
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


@pytest.mark.parametrize("ends", [(from_threads, lambda operation, arguments: arguments[0] ** 2)], indirect=True)
def test_threads_take_turns(ends: Ends) -> None:
    assert ends.near.ask("go") == [i * i for i in range(40)]
    assert ends.near.ask("go") == [i * i for i in range(40)]


def fails(link: Link, operation: str, arguments: list[Any]) -> object:
    arguments[0].append(1)
    if operation == "too large":
        return "x" * (MOST_BYTES + 1)
    raise {"value": ValueError, "exit": SystemExit, "interrupt": KeyboardInterrupt}[operation]("told")


@pytest.mark.parametrize("ends", [(fails, None)], indirect=True)
def test_an_error_arrives_and_the_conversation_goes_on(ends: Ends) -> None:
    given: list[int] = []
    for operation, kind in [("value", ValueError), ("exit", Exception), ("interrupt", Exception)]:
        with pytest.raises(kind, match="told"):
            ends.near.ask(operation, given)
    assert given == [1, 1, 1]
    with pytest.raises(ValueError, match="too large to hand over"):
        ends.near.ask("too large", given)


@pytest.mark.parametrize("ends", [(lambda link, operation, arguments: 5, None)], indirect=True)
def test_another_process_is_told_that_it_cant_ask(ends: Ends) -> None:
    child = os.fork()
    if child == 0:
        try:
            ends.near.ask("x")
        except RuntimeError as error:
            os._exit(7 if "check.probe" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert ends.near.ask("x") == 5


def message(value: object) -> bytes:
    content = encode(value, Terms())
    return struct.pack("<I", len(content)) + content


@pytest.mark.parametrize(
    "content",
    [
        struct.pack("<I", 2**32 - 1),
        struct.pack("<I", 1) + b"?",
        message(None),
        message(("=", 1)),
        message(("=", 1, 2)),
        message(("!", 1, [])),
        message(("?", 1, ())),
        message(("?", "op", [])),
        message(("=", 1, [(0, [1])])),
        message(("=", 1, [3])),
        message(("=", 1, [(-1, [(True, 99)])])),
    ],
)
def test_what_is_no_message_ends_the_conversation(content: bytes) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(content)
    with pytest.raises(Garbled):
        Link(ours, Terms(), lambda operation, arguments: None, time.monotonic() + 60).ask("x", [])


def test_a_closed_end_and_a_silent_one_are_told_apart() -> None:
    for content, patience, kind in [(b"", 60, Gone), (b"\x09\0\0", 60, Gone), (b"\x09\0\0\0N", 0.2, TimeUp)]:
        ours, theirs = socket.socketpair()
        theirs.sendall(content)
        if kind is Gone:
            theirs.close()
        with pytest.raises(kind):
            Link(ours, Terms(), lambda operation, arguments: None, time.monotonic() + patience).ask("x")


def test_an_end_that_never_reads_is_given_up() -> None:
    ours, _theirs = socket.socketpair()
    with pytest.raises(TimeUp):
        Link(ours, Terms(), lambda operation, arguments: None, time.monotonic() + 0.2).ask("x", "y" * (32 << 20))
