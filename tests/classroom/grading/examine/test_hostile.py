"""What a hostile learner's process can do to the examiner: lose its points, and nothing else."""

from __future__ import annotations

import time

import pytest

from .forked_learner import SET_UP, ForkedLearner

RIGHT = "assert answer([1, 2]) == [2, 4]"
CHECKED = """
with check.exercise("Exercise 1"):
    check.equal(answer([1, 2]), [2, 4], "answer")
"""
TENSOR = "check.equal(answer(torch.ones(2)), torch.tensor([2.0, 2.0]), 'answer')"

LIES = {
    "equal to everything": """
class Equal:
    def __eq__(self, other): return True
def answer(v): return Equal()""",
    "never unequal": """
class Equal(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
def answer(v): return Equal([0, 0])""",
    "equal elements": """
class Equal(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
def answer(v): return [Equal(0), Equal(0)]""",
    "a class that lies": """
class List:
    @property
    def __class__(self): return list
    def __len__(self): return 2
    def __getitem__(self, i): return [2, 4][i]
    def __eq__(self, other): return True
def answer(v): return List()""",
    "a tensor that lies": """
class Lie(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None): return torch.tensor(True)
def answer(v): return torch.Tensor._make_subclass(Lie, torch.zeros(2))""",
    "patched libraries": """
import numpy.testing
torch.equal = torch.allclose = lambda *a, **k: True
torch.isclose = lambda *a, **k: torch.tensor(True)
numpy.testing.assert_equal = check.equal = check.compare.equal = lambda *a, **k: None
check.compare.difference = lambda *a, **k: None
def answer(v): return 0""",
    "an array in memory": """
class Array:
    __array_interface__ = {"data": (8, False), "shape": (2,), "typestr": "<f8", "version": 3}
def answer(v): return Array()""",
    "exits": "def answer(v): raise SystemExit(0)",
    "ends the iteration": "def answer(v): raise StopIteration",
    "interrupts": "def answer(v): raise KeyboardInterrupt",
    "a forged verdict": "def answer(v): raise check.CheckFailed('w', 'a', 'e', '[forged] h')",
    "an error whose text fails": """
class Bad(ValueError):
    def __str__(self): raise RuntimeError
def answer(v): raise Bad""",
    "deeply nested": """
def answer(v):
    nested = []
    for _ in range(500): nested = [nested]
    return nested""",
    "holds itself": """
def answer(v):
    nested = []
    nested.append(nested)
    return nested""",
    "too long": "def answer(v): return [0] * 10_000_000",
    "a tensor of terabytes": "def answer(v): return torch.zeros(1).expand(10**12)",
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("test", [RIGHT, CHECKED, TENSOR])
def test_no_lie_gives_a_point(learner: ForkedLearner, lie: str, test: str) -> None:
    assert learner.run(SET_UP + LIES[lie]) == ""
    result = learner.examine(test)
    assert result.points == 0, result
    assert result.mistake != "forged"
    learner.run("answer = lambda v: [2 * e for e in v]")
    assert learner.examine(RIGHT).points == 2.0  # and the next test is answered


def test_a_stop_iteration_doesnt_cut_a_loop_short(learner: ForkedLearner) -> None:
    learner.run("def answer(v): raise StopIteration")
    for test in ["assert all(map(lambda n: answer(n) == n, range(3)))", "assert [*map(answer, [1])] == []"]:
        assert learner.examine(test).points == 0


def test_an_object_that_answers_differently_each_time_is_asked_once(learner: ForkedLearner) -> None:
    learner.run(
        "class E(list):\n    n = 0\n    def __iter__(self):\n        E.n += 1\n        return iter([2, 4] * (E.n % 2))"
    )
    learner.run("def answer(v): return E()")
    assert learner.examine(RIGHT).points == 0
    assert learner.examine(CHECKED).points == 0


ENDLESS = {
    "loop": """
def answer(v):
    while True: pass""",
    "swallowed": """
def answer(v):
    while True:
        try:
            while True: pass
        except BaseException: pass""",
    "iterator": """
import itertools
def answer(v): return itertools.count()""",
    "text of an error": """
class Bad(ValueError):
    def __str__(self):
        while True: pass
def answer(v): raise Bad""",
    "drip": """
import time
def answer(v):
    connection.sendall(b"\\xff\\xff\\0\\0")
    while True:
        connection.sendall(b"N")
        time.sleep(0.05)""",
    "asks back for ever": """
def answer(v):
    while True: len(v)""",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_never_ends_is_ended(learner: ForkedLearner, kind: str) -> None:
    assert learner.run(ENDLESS[kind]) == ""
    test = """
class Own:
    def __len__(self): return 1
for item in answer(Own()): pass
"""
    begin = time.monotonic()
    result = learner.examine(test, seconds=1.5)
    assert (result.points, result.error) == (0.0, "ran longer than 1.5 s")
    assert time.monotonic() - begin < 60


def test_a_length_that_lies_costs_no_memory(learner: ForkedLearner) -> None:
    learner.run("class E:\n    def __len__(self): return 10**10\n    def __getitem__(self, i): return 0")
    learner.run("def answer(v): return E()\ndef huge(v): return 10**12")
    for test in ["torch.zeros(huge(1))", "bytearray(huge(1))", "'x' * huge(1)", "list(range(huge(1)))"]:
        result = learner.examine(test, seconds=60)
        assert result.points == 0
        assert "emory" in result.error, (test, result)
    assert learner.examine("assert len(answer(1)) == 10", seconds=60).points == 0


def test_a_process_that_dies_is_told(learner: ForkedLearner) -> None:
    learner.run("import os\ndef answer(v): os._exit(1)")
    result = learner.examine(RIGHT)
    assert (result.points, result.error) == (0.0, "died")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("b'\\xff' * 100", "a message of 4,294,967,295 bytes was announced"),
        ("b'\\x01\\0\\0\\0N'", "a message of no known form"),
        ("b'\\x01\\0\\0\\0?'", "4 bytes are announced, 0 are left"),
        ("b'\\x06\\0\\0\\0l\\xff\\xff\\xff\\xffN'", "4,294,967,295 parts are announced"),
    ],
)
def test_a_forged_message_ends_the_test(learner: ForkedLearner, content: str, says: str) -> None:
    learner.run(f"def answer(v): connection.sendall({content})")
    result = learner.examine(RIGHT)
    assert result.points == 0
    assert "sent what is no answer" in result.error
    assert says in result.error


def test_who_says_that_the_test_is_over_has_said_nothing(learner: ForkedLearner) -> None:
    learner.run(
        r"""
import struct
def answer(v):
    content = b"t\3\0\0\0s\1\0\0\0?s\4\0\0\0donet\0\0\0\0"
    connection.sendall(struct.pack("<I", len(content)) + content)
    return 0
"""
    )
    assert learner.examine("assert answer(1) == 1").points == 0


def test_what_a_test_expects_isnt_made_from_what_the_learners_code_changed(learner: ForkedLearner) -> None:
    learner.run("def answer(v):\n    v[:] = [0] * len(v) if isinstance(v, list) else 0 * v\n    return v")
    for test in [
        "given = [1, 2]\nassert answer(given) == [2 * number for number in given]",
        "given = torch.ones(2)\nexpected = [2 * row for row in given]\ncheck.equal(list(answer(given)), expected, 'x')",
        "given = torch.ones(2)\nfirst = given[0]\nassert answer(given)[0] == 2 * first",
    ]:
        result = learner.examine(test)
        assert result.points == 0
    assert result.error.startswith("The test holds only because your code changes the values that it is given.")


def test_broken_builtins_cost_only_the_learner(learner: ForkedLearner) -> None:
    learner.run(
        "import builtins\ndef answer(v):\n    builtins.len = builtins.isinstance = lambda *a: True\n    return 0"
    )
    assert learner.examine(RIGHT).points == 0


STAND_IN = """
seen = {}
def answer(transform):
    for name in ("__globals__", "__code__", "__closure__", "__self__", "__dict__", "__defaults__", "secret"):
        try:
            seen[name] = repr(getattr(transform, name))
        except AttributeError:
            pass
    for operation in ("getattr", "setattr", "str", "repr", "name", "delitem", "contains", "enter", "files", "root"):
        try:
            seen[operation] = transform._ask(operation, transform, "__globals__")
        except Exception as error:
            seen[operation] = type(error).__name__
    return transform(3)
"""


def test_through_a_stand_in_nothing_of_the_test_is_reached(learner: ForkedLearner) -> None:
    learner.run(STAND_IN)
    test = """
secret = 8127
def transform(x): return x + secret
assert answer(transform) == 8130
"""
    assert learner.examine(test).points == 2.0
    told = learner.run("raise ValueError(seen)")
    assert "8127" not in told
    assert told.count("PermissionError") == 10
    assert "__globals__" not in told.replace("'__globals__': ", "")


SEARCH = """
import gc, linecache, os, sys
found = []
def answer(value):
    frame = sys._getframe()
    while frame is not None:
        found.append(repr(frame.f_locals)[:20_000])
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, (str, list, dict, tuple)) and len(thing) < 1000:
            found.append(repr(thing)[:500])
    found.extend("".join(lines[2]) for lines in linecache.cache.values() if len(lines) > 2)
    found.append(repr(dict(os.environ)))
    return value
"""


def test_nothing_of_a_hidden_test_is_in_the_learners_process(learner: ForkedLearner) -> None:
    """Frames, objects, source lines and the environment, looked through from inside the call."""
    assert learner.run(SEARCH) == ""
    # Put together here, so that the text doesn't stand in the memory with which the learner's process began.
    together = "''.join(chr(ord(letter) + 1) for letter in 'bnlodbsdc')"
    secret = eval(together)
    result = learner.examine(f"### BEGIN HIDDEN TESTS\n{secret} = 6\nassert answer(5) == {secret}, '{secret}'")
    assert result.points == 0.0
    assert result.error.startswith("Something else came out than expected") and "(AssertionError)" in result.error
    assert learner.run("assert len(found) > 1000") == ""
    assert learner.run(f"assert not any({together} in text for text in found)") == ""


def test_hidden_inputs_dont_come_out_in_an_error(learner: ForkedLearner) -> None:
    learner.run("def answer(v):\n    raise type(f'E{v}', (ValueError,), {})(f'input {v}')")
    result = learner.examine("### BEGIN HIDDEN TESTS\nanswer(90817)\n### END HIDDEN TESTS")
    assert "90817" not in str(result)
    assert result.error == "Your code raised ValueError, for an input that is not shown here."


def test_a_failed_check_in_a_transform_doesnt_tell_what_was_expected(learner: ForkedLearner) -> None:
    learner.run(
        "told = []\ndef answer(f):\n    try:\n        f(1)\n    except Exception as e:\n        told.append(repr(e))"
    )
    learner.examine("answer(lambda x: check.equal(x, 55512, 'x'))")
    assert "55512" not in learner.run("raise ValueError(told)")


def test_texts_that_no_database_takes_are_cleaned(learner: ForkedLearner) -> None:
    learner.run("def answer(v): raise ValueError('a\\0b\\ud800c' + 'x' * 10**6)")
    result = learner.examine("answer(1)")
    assert "\0" not in result.error
    assert len(result.error.encode()) < 30_000
