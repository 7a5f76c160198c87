"""The learner's process runs cells as a notebook would, and nothing but the learner's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import datakit
from classroom.grading.items import Limits, Step, StepKind
from classroom.grading.learner import Learner
from classroom.grading.warm import WarmParent
from tests.classroom.grading.run.conftest import SMALL, cell, printed, wait_until_alone


def test_names_live_from_cell_to_cell_and_outputs_are_kept(learner: Learner) -> None:
    learner.run(cell("words = open('words.txt').read().split()"))
    run = learner.run(cell("print('counting')\nlen(words)"))
    assert [output["output_type"] for output in run.outputs] == ["stream", "execute_result"]
    assert run.outputs[0]["text"] == "counting\n" and run.outputs[1]["data"]["text/plain"] == "2"
    assert run.error == "" and run.seconds > 0


def test_an_error_is_told_and_the_process_goes_on(learner: Learner) -> None:
    run = learner.run(cell("kept = 1\n1 / 0"))
    assert run.error == "ZeroDivisionError: division by zero"
    assert run.outputs[0]["output_type"] == "error"
    assert printed(learner.run(cell("print(kept)"))) == "1"


def test_it_behaves_like_a_notebook(learner: Learner) -> None:
    """Magics, shell commands, modules that the learner writes, processes, shared memory."""
    learner.run(cell("%%writefile helper.py\ndef twice(x):\n    return 2 * x"))
    assert printed(learner.run(cell("from helper import twice\nprint(twice(4))"))) == "8"
    assert "words.txt" in printed(learner.run(cell("!ls")))
    code = """
from multiprocessing import Pool, shared_memory
with Pool(2) as pool:
    print(pool.map(twice, [1, 2]))
block = shared_memory.SharedMemory(create=True, size=8)
block.close(); block.unlink()
"""
    assert printed(learner.run(cell(code))) == "[2, 4]"


def test_a_test_is_never_sent_to_it(learner: Learner) -> None:
    with pytest.raises(ValueError, match="runs only its own cells"):
        learner.run(Step(StepKind.TEST, "assert True", 0, "columns-check", 1.0))


def test_a_slow_cell_is_interrupted_and_its_names_survive(learner: Learner) -> None:
    learner.run(cell("kept = 5"))
    # Enough for the cell to begin on a busy machine: an interrupt that comes earlier is lost.
    run = learner.run(cell("print('begun')\nwhile True: pass"), seconds=3.0)
    assert run.error == "ran longer than 3 s"
    assert learner.alive
    assert printed(learner.run(cell("print(kept)"))) == "5"


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("import os; os._exit(3)", "status 3"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("get_ipython().kernel.do_shutdown(False); import os; os._exit(0)", "status 0"),
    ],
)
def test_a_death_is_told(learner: Learner, code: str, word: str) -> None:
    run = learner.run(cell(code))
    assert run.error.startswith("the process died: it ") and word in run.error
    assert not learner.alive and word in learner.ended
    assert learner.run(cell("1")).error.startswith("the process died")


def test_two_learners_are_apart(parent: WarmParent) -> None:
    with Learner(parent, {}, SMALL) as first, Learner(parent, {}, SMALL) as second:
        first.run(cell("open('mine', 'w').write('x'); open('/tmp/mine', 'w').write('x'); name = 1"))
        seen = "import os\nprint(os.listdir('.'), os.listdir('/tmp'), os.listdir('/dev/shm'), 'name' in globals())"
        # Where this Python's environment lies below /tmp, it is seen there.
        roots = {Path(root) for root in (sys.prefix, sys.base_prefix, Path(datakit.__file__).parent)}
        there = sorted({root.parts[2] for root in roots if root.is_relative_to("/tmp")})
        assert printed(second.run(cell(seen))) == f"[] {there} [] False"
        numbers = "print([p for p in os.listdir('/proc') if p.isdecimal()])"
        assert printed(second.run(cell(numbers))) == "['1']"
    wait_until_alone(parent)


def test_environment_is_bare_but_for_what_is_given(parent: WarmParent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAKIT_CHECK_SEED", "12345")
    monkeypatch.setenv("GRADER_TOKEN", "secret")
    with Learner(parent, {}, SMALL, {"CUDA_VISIBLE_DEVICES": "3"}) as one:
        seen = printed(one.run(cell("import os\nprint(dict(os.environ))")))
    assert "12345" not in seen and "secret" not in seen
    assert "'CUDA_VISIBLE_DEVICES': '3'" in seen


def test_memory_peak_is_known_afterwards(parent: WarmParent) -> None:
    with Learner(parent, {}, SMALL) as one:
        one.run(cell("import time\nblock = bytearray(200 << 20)\ntime.sleep(2)"))
    assert one.peak > 200 << 20


def test_output_is_cut_off_and_says_so(parent: WarmParent) -> None:
    with Learner(parent, {}, Limits(output=10_000, memory=512 << 20)) as one:
        run = one.run(cell("import time\nfor _ in range(6):\n    print('x' * 4000)\n    time.sleep(0.3)"))
        assert not run.error
        assert "cut off: this cell put out more than 10 KiB" in run.outputs[-1]["text"]
        assert sum(len(output["text"]) for output in run.outputs) < 11_000
        assert printed(one.run(cell("print('next')"))) == "next"
