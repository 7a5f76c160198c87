"""Exercises, mistakes, outcomes, the indexing contract, seeds and tiles."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, Dataset
from torch.utils.data import TensorDataset as TorchTensorDataset

from datakit import check


class Empty(Dataset[int]):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> int:
        raise NotImplementedError


def failure_of(action: Callable[[], object]) -> str:
    with pytest.raises(check.CheckFailed) as caught:
        action()
    return str(caught.value)


def test_an_exercise_says_how_many_checks_hold(capsys: pytest.CaptureFixture[str]) -> None:
    with check.exercise("Exercise 9"):
        check.equal(1, 1, "one")
        check.raises(KeyError, lambda: {}["a"], "a missing key", mentions=["a"])
        assert check.runs(lambda: 5, "five") == 5
    assert capsys.readouterr().out == "✓ Exercise 9: 3 checks hold\n"


def test_a_failure_names_its_exercise() -> None:
    def run() -> None:
        with check.exercise("Exercise 9"):
            check.equal(1, 2, "one")

    assert failure_of(run).startswith("Exercise 9: one\n")


def test_an_empty_answer_is_told_what_to_do() -> None:
    def run() -> None:
        with check.exercise("Exercise 9"):
            raise NotImplementedError

    message = failure_of(run)
    assert "there is no answer yet" in message
    assert "Write your answer in the cell above" in message


@pytest.mark.parametrize("probe", [lambda f: check.runs(f, "f()"), lambda f: check.raises(ValueError, f, "f()")])
def test_an_empty_answer_goes_through_every_probe(probe: Callable[[Callable[[], object]], object]) -> None:
    def empty() -> None:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        probe(empty)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_empty_method_in_a_worker_is_an_empty_answer(workers: int) -> None:
    def run() -> None:
        with check.exercise("Exercise 9"):
            list(DataLoader(Empty(), num_workers=workers))

    assert "there is no answer yet" in failure_of(run)


def test_a_librarys_own_words_about_what_is_missing_are_kept() -> None:
    with pytest.raises(NotImplementedError, match="should implement __getitem__"), check.exercise("Exercise 9"):
        Dataset[int]()[0]


def test_a_learners_own_error_keeps_its_type_and_gets_a_note() -> None:
    with pytest.raises(ZeroDivisionError) as caught, check.exercise("Exercise 9"):
        check.equal(1 / 0, 0, "a quotient")
    assert "while 'Exercise 9' was checked" in caught.value.__notes__[0]


def test_a_name_that_isnt_known_sends_the_learner_to_the_cells_above() -> None:
    anything = check.mistake("silent", "It should refuse that.")
    with pytest.raises(NameError) as caught, check.exercise("Exercise 9"):
        check.raises(ValueError, lambda: Columms(x=1), "Columms(x=1)", mistakes=[anything])  # type: ignore[name-defined]  # noqa: F821
    assert "Run the cells above, from the top" in caught.value.__notes__[0]
    assert "how 'Columms' is spelled" in caught.value.__notes__[0]
    check.raises(NameError, lambda: Columms, "Columms")  # type: ignore[name-defined]  # noqa: F821


def test_the_first_mistake_recognised_lends_its_hint() -> None:
    mistakes = [
        check.mistake("fails", "A detector that can't read the value.", when=lambda value: value.shape == 3),
        check.mistake("two", "It is two.", value=2),
        check.mistake("other", "It is something else."),
    ]
    assert "[two] It is two." in failure_of(lambda: check.equal(2, 1, "x", mistakes))
    assert "[other]" in failure_of(lambda: check.equal(3, 1, "x", mistakes))


@pytest.mark.parametrize("evidence", [{"value": 1, "when": bool}, {"valeu": 1}, {"when": 3}])
def test_a_mistake_needs_one_kind_of_evidence(evidence: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"mistake\('slug'\)"):
        check.mistake("slug", "hint", **evidence)


def test_raises_explains_silence_another_error_and_a_poor_message() -> None:
    silent = failure_of(lambda: check.raises(ValueError, lambda: 3, "f(3)", mentions=["row 2"]))
    assert "no error; 3 was returned" in silent
    assert "ValueError with a message that mentions row 2" in silent
    assert "KeyError" in failure_of(lambda: check.raises(ValueError, lambda: {}["a"], "f(3)"))

    def poor() -> None:
        raise ValueError("bad")

    assert "the message lacks row 2" in failure_of(lambda: check.raises(ValueError, poor, "f(3)", mentions=["row 2"]))


def test_runs_explains_only_what_a_mistake_explains() -> None:
    known = check.mistake("missing", "Look again.", when=lambda error: isinstance(error, KeyError))
    assert "[missing]" in failure_of(lambda: check.runs(lambda: {}["a"], "f()", [known]))
    with pytest.raises(ZeroDivisionError):
        check.runs(lambda: 1 / 0, "f()", [known])


def test_a_notebook_shows_a_few_lines_instead_of_a_traceback() -> None:
    failure = check.CheckFailed("ds[0]", "1", "2", "[slug] Try it.")
    assert failure._render_traceback_() == ["✗ ds[0]\n  arrived   1\n  expected  2\n  hint      [slug] Try it."]


# --- the indexing contract


class Answers(Dataset[int]):
    """A dataset of 3 samples whose indexing is given by a function."""

    def __init__(self, get: Callable[[Any], int], n: int = 3) -> None:
        self.get, self.n = get, n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: Any) -> int:
        return self.get(index)


def test_a_list_and_pytorchs_own_dataset_keep_the_contract() -> None:
    check.indexing([5, 6, 7], [5, 6, 7])
    x = torch.arange(6).reshape(3, 2)
    check.indexing(TorchTensorDataset(x), [(row,) for row in x])


def no_tensors(index: Any) -> int:
    if not isinstance(index, int):
        raise TypeError("an int is needed")
    return [5, 6, 7][index]


def front_only(index: Any) -> int:
    if not 0 <= index < 3:
        raise IndexError(index)
    return [5, 6, 7][index]


@pytest.mark.parametrize(
    ("get", "slug"),
    [
        (lambda index: [5, 6, 7][int(index) % 3], "out-of-range"),
        (front_only, "negative-index"),
        (no_tensors, "tensor-index"),
    ],
)
def test_a_breach_of_the_contract_is_named(get: Callable[[Any], int], slug: str) -> None:
    assert f"[{slug}]" in failure_of(lambda: check.indexing(Answers(get), [5, 6, 7]))


def test_an_iterator_that_never_ends_is_stopped() -> None:
    class Endless(list[int]):
        def __iter__(self) -> Any:
            while True:
                yield 5

    assert "[endless]" in failure_of(lambda: check.indexing(Endless([5, 6, 7]), [5, 6, 7]))


def test_a_wrong_length_and_a_wrong_item() -> None:
    assert failure_of(lambda: check.indexing(Answers([5, 6, 7].__getitem__, n=4), [5, 6, 7])).startswith("len(ds)")
    assert failure_of(lambda: check.indexing([5, 6, 8], [5, 6, 7], what="it")).startswith("it[2]")


# --- seeds and tiles


def test_the_seed_changes_every_input_and_the_name_does_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(name: str) -> list[int]:
        return check.rng(name).integers(0, 10**9, 4).tolist()

    monkeypatch.delenv("DATAKIT_CHECK_SEED", raising=False)
    unset = draw("a")
    monkeypatch.setenv("DATAKIT_CHECK_SEED", "0")
    assert draw("a") == unset
    assert draw("b") != unset
    monkeypatch.setenv("DATAKIT_CHECK_SEED", "1")
    assert draw("a") != unset


@pytest.mark.parametrize("seed", ["-1", "one", ""])
def test_a_seed_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, seed: str) -> None:
    monkeypatch.setenv("DATAKIT_CHECK_SEED", seed)
    with pytest.raises(ValueError, match=r"expected a whole number ≥ 0\. Unset it or give one"):
        check.rng("a")


def test_each_pixel_of_a_tile_names_its_place() -> None:
    tile = check.tile(7, height=3, width=4)
    assert tile.dtype == torch.uint8
    assert [tile[:, r, c].tolist() for r in range(3) for c in range(4)] == [
        [r, c, 7] for r in range(3) for c in range(4)
    ]


@pytest.mark.parametrize("arguments", [(256, 2, 2), (-1, 2, 2), (0, 0, 2), (0, 2, 257)])
def test_a_tile_that_does_not_fit_into_bytes_is_refused(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"expected a number of 0 … 255 and sides of 1 … 256"):
        check.tile(*arguments)


def test_checks_need_no_notebook() -> None:
    """The check library runs in an examiner that has no IPython."""
    code = "import sys; sys.modules['IPython'] = None; from datakit import check; check.equal(1, 1, 'x')"
    subprocess.run([sys.executable, "-c", code], check=True)
