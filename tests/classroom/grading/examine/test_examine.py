"""A verdict on one test: names, errors, files, callbacks, probes, and what a result tells."""

from __future__ import annotations

import pytest

from .forked_learner import SET_UP, ForkedLearner

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
DOUBLE = "def double(values):\n    return [2 * value for value in values]"
LIST = """
class Doubled:
    def __init__(self, items, transform=None):
        self.items, self.transform, self.name = items, transform, "doubled"

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        item = 2 * self.items[index]
        return item if self.transform is None else self.transform(item)
"""


def passes(learner: ForkedLearner, test: str, **options: object) -> None:
    result = learner.examine(test, **options)  # type: ignore[arg-type]
    assert result.points == 2.0, result


def test_a_test_that_runs_to_its_end_gives_its_points(learner: ForkedLearner) -> None:
    assert learner.run(DOUBLE) == ""
    result = learner.examine("assert double([1, 2]) == [2, 4]")
    assert (result.test, result.points, result.possible, result.hidden) == ("double-check", 2.0, 2.0, False)
    assert result.error == result.hint == result.what == ""
    assert result.seconds > 0


def test_names_are_found_in_every_scope(learner: ForkedLearner) -> None:
    learner.run(DOUBLE)
    passes(
        learner,
        """
import math
class Box:
    value = double([math.floor(1.5)])
    size = len(torch.zeros(3))
def inner():
    return [double([n]) for n in range(2)]
assert Box.value == [2] and Box.size == 3 and inner() == [[0], [2]]
""",
    )
    result = learner.examine("nowhere")
    assert result.error == "NameError: name 'nowhere' is not defined"


def test_what_instructors_import_is_not_asked_of_the_learner(learner: ForkedLearner) -> None:
    learner.run("class Evil:\n    def __getattr__(self, name):\n        return lambda *a, **k: True")
    learner.run("torch = check = np = print = len = Path = isinstance = Evil()")
    passes(learner, "assert not torch.equal(torch.ones(1), torch.zeros(1)); check.equal(len('ab'), 2, 'len')")
    passes(
        learner, "import torch.nn.functional as F\nassert F.relu(torch.tensor(-1.0)) == 0\nprint(isinstance(1, int))"
    )


def test_a_released_module_is_imported_by_the_examiner(learner: ForkedLearner) -> None:
    learner.run("import sys, types\nsys.modules['helper'] = helper = types.SimpleNamespace(three=4)")
    passes(learner, "assert helper.three == 3", files={"helper.py": b"three = 3"}, set_up="import helper")


def test_a_module_that_only_the_learner_has_is_asked_there(learner: ForkedLearner) -> None:
    learner.run("from pathlib import Path\nPath('engine.py').write_text('def start(): return 5')")
    learner.run("import sys\nsys.path.insert(0, '')\nfrom engine import start\nimport engine")
    passes(learner, "assert start() == 5 == engine.start()", set_up="from engine import start\nimport engine")


def test_a_failed_check_tells_what_arrived(learner: ForkedLearner) -> None:
    learner.run("def double(values):\n    return values")
    test = """
with check.exercise("Exercise 1"):
    check.equal(double([4]), [8], "double([4])", [check.mistake("same", "Nothing changed.", value=[4])])
"""
    result = learner.examine(test)
    assert (result.points, result.what, result.arrived) == (0.0, "Exercise 1: double([4])", "list of 1: 4")
    assert result.expected.startswith("list of 1: 8")
    assert (result.hint, result.mistake, result.error) == ("[same] Nothing changed.", "same", "")
    hidden = learner.examine(HIDDEN.format(test))
    assert (hidden.points, hidden.hidden, hidden.what) == (0.0, True, "Exercise 1")
    assert (hidden.arrived, hidden.expected, hidden.error) == ("", "", "")
    assert (hidden.hint, hidden.mistake) == ("[same] Nothing changed.", "same")


def test_a_plain_assert_can_hint(learner: ForkedLearner) -> None:
    for test, hint, mistake, error in [
        ("assert 0, 'Hint: [slug] Look.'", "[slug] Look.", "slug", ""),
        ("assert 0, 'Hint: Look.'", "Look.", "", ""),
        ("assert 0, 'f(910273) is wrong'", "", "", "AssertionError: f(910273) is wrong"),
    ]:
        result = learner.examine(test)
        assert (result.hint, result.mistake, result.error) == (hint, mistake, error)
        hidden = learner.examine(HIDDEN.format(test))
        assert (hidden.hint, hidden.mistake) == (hint, mistake)
        assert "910273" not in str(hidden)


def test_an_error_of_the_learners_code_arrives_with_its_traceback(learner: ForkedLearner) -> None:
    learner.run("class Sad(KeyError):\n    pass\ndef f(x):\n    raise Sad(f'no {x}')")
    result = learner.examine("f(71)")
    assert result.error.startswith("Sad: 'no 71'\nTraceback (most recent call last):")
    assert "in f\n" in result.error
    assert "agent.py" not in result.error
    passes(learner, "check.raises(LookupError, lambda: f(1), 'f(1)', mentions=['no 1'])")
    passes(
        learner, "try:\n    f(1)\nexcept KeyError as error:\n    assert 'in f' in error.__notes__[0]\nelse:\n    1 / 0"
    )
    hidden = learner.examine(HIDDEN.format("f(71)"))
    assert hidden.error == "Your code raised KeyError, for an input that is not shown here."


def test_how_a_hidden_test_ended_is_told_in_a_sentence_without_its_inputs(learner: ForkedLearner) -> None:
    learner.run("def f(x):\n    return None\ndef leave(x):\n    raise SystemExit(x)")
    for test, sentence in [
        ("assert f(910273) == 1", "Something else came out than expected, for inputs that are not shown here"),
        ("f(910273)[0]", "The hidden test could not use what your code gave back (TypeError)."),
        ("g(910273)", "A function or class that the hidden test uses is missing (NameError)."),
        ("leave(910273)", "Your code tried to end the program, for an input that is not shown here."),
    ]:
        result = learner.examine(HIDDEN.format(test))
        assert result.error.startswith(sentence)
        assert "910273" not in str(result) and ":" not in result.error


def test_an_empty_answer_is_told_what_to_do(learner: ForkedLearner) -> None:
    learner.run("def f():\n    raise NotImplementedError()")
    result = learner.examine("with check.exercise('Exercise 1'):\n    f()")
    assert "there is no answer yet" in result.arrived


def test_changes_in_place_are_seen(learner: ForkedLearner) -> None:
    learner.run("def f(x, y):\n    x[0] = 7\n    y['k'].append(1)\n    return x")
    passes(
        learner,
        """
check.in_place()
for x in ([1, 2], torch.tensor([1, 2]), np.array([1, 2])):
    y = {"k": []}
    inner = y["k"]
    result = f(x, y)
    assert list(x) == [7, 2] and inner == [1] and y["k"] is inner and result is not x
""",
    )


def test_a_change_that_does_no_harm_costs_nothing(learner: ForkedLearner) -> None:
    learner.run("def smallest(values):\n    values.sort()\n    return values[0]")
    passes(learner, "assert smallest([3, 1, 2]) == 1")
    result = learner.examine(
        "given = [3, 1]\nassert smallest(given) == 1 and given == [3, 1], 'Hint: [in-place] It changed.'"
    )
    assert (result.points, result.mistake) == (0.0, "in-place")


def test_an_object_of_the_learners_is_used_like_the_real_one(learner: ForkedLearner) -> None:
    learner.run(LIST)
    passes(
        learner,
        """
ds = Doubled([1, 2, 3])
assert len(ds) == 3 and ds[-1] == 6 and list(ds) == [2, 4, 6] and ds.name == "doubled" and 4 in ds
assert isinstance(ds, Doubled) and not isinstance(3, Doubled) and type(ds).__name__ == "Doubled"
assert repr(ds).startswith("<__main__.Doubled object") and not hasattr(ds, "nothing")
assert ds == ds and ds != Doubled([1, 2, 3]) and ds.items == [1, 2, 3]
ds.items = [5]
assert list(ds) == [10] and [*map(int, ds)] == [10]
check.indexing(Doubled([4, 5]), [8, 10])
batches = list(torch.utils.data.DataLoader(Doubled([1, 2, 3]), batch_size=2))
assert [batch.tolist() for batch in batches] == [[2, 4], [6]]
""",
    )


def test_objects_of_the_test_are_called_and_indexed_from_the_learners_code(learner: ForkedLearner) -> None:
    learner.run(LIST)
    passes(
        learner,
        """
class Counting(torch.utils.data.Dataset):
    def __init__(self): self.asked = []
    def __len__(self): return 2
    def __getitem__(self, index):
        self.asked.append(index)
        if not 0 <= index < 2:
            raise IndexError(f"nothing at {index}")
        return [10, 20][index]
source, calls = Counting(), []
ds = Doubled(source, transform=lambda item: (calls.append(item), item + 1)[1])
assert ds[1] == 41 and len(ds) == 2 and calls == [40] and source.asked == [1]
check.raises(IndexError, lambda: ds[5], "ds[5]", mentions=["nothing at 5"])
assert ds.items is source
assert Doubled([[1], [2]], transform=torch.tensor)[0].tolist() == [1, 1]
""",
    )


def test_an_error_of_the_tests_own_object_comes_back_as_it_was(learner: ForkedLearner) -> None:
    learner.run(LIST)
    passes(
        learner,
        """
class Own(Exception): pass
def fails(item): raise Own(item)
try:
    Doubled([1], fails)[0]
except Own as error:
    assert error.args == (2,)
else:
    1 / 0
""",
    )


def test_what_a_test_writes_is_there_for_the_learners_code(learner: ForkedLearner) -> None:
    learner.run("def read(path):\n    return path.read_text(), str(path)\ndef there(path):\n    return path.exists()")
    learner.run("def write(path, text):\n    path.write_text(text)")
    passes(
        learner,
        """
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "deep" / "a.txt"
    path.parent.mkdir()
    for text in ("one", "two", "six"):
        path.write_text(text)
        assert read(path) == (text, str(path))
    path.unlink()
    assert not there(path) and there(path.parent)
    write(path, "learner's")
    assert not path.exists() and check.files(Path(folder)) == {"deep/a.txt": b"learner's"}
Path("here.txt").write_text("near")
assert read(Path("here.txt"))[0] == "near"
assert Path("given.txt").read_text() == "given"
""",
        files={"given.txt": b"given"},
    )


def test_hidden_inputs_are_seeded_for_the_examiner_only(learner: ForkedLearner) -> None:
    learner.run("import os\ndef seed():\n    return os.environ.get('DATAKIT_CHECK_SEED')")
    passes(learner, "assert os.environ['DATAKIT_CHECK_SEED'] == '41' and seed() is None", seed=41)
    draw = "raise ValueError(str(check.rng('a').integers(10**9)) + str(random.random()) + str(torch.rand(1)))"
    errors = [learner.examine(draw, seed=seed).error for seed in (1, 1, 2)]
    assert errors[0] == errors[1] != errors[2]


def test_a_probe_runs_beside_the_learners_classes(learner: ForkedLearner) -> None:
    learner.run(SET_UP)
    learner.run(
        """
class Squares(torch.utils.data.Dataset):
    def __len__(self): return 6
    def __getitem__(self, index): return torch.tensor(index**2)
def loader(dataset, batch_size, workers):
    return torch.utils.data.DataLoader(dataset, batch_size, num_workers=workers)
"""
    )
    passes(
        learner,
        """
seen = check.probe(loader, dataset=check.Recorded(5, fails_at=(4,)), batch_size=2, workers=2)
check.equal(seen.batches, [torch.tensor([[0, 0], [1, 1]]), torch.tensor([[2, 4], [3, 9]])], "batches")
assert isinstance(seen.error, ValueError) and "sample 4 is broken" in str(seen.error)
assert sorted(event.index for event in seen.events) == [0, 1, 2, 3, 4] and seen.workers == 2
assert seen.processes_left == seen.threads_left == 0
seen = check.probe(torch.utils.data.DataLoader, Squares(), batch_size=3, num_workers=1, epochs=2)
assert [[batch.tolist() for batch in epoch] for epoch in seen.epochs] == [[[0, 1, 4], [9, 16, 25]]] * 2
assert check.beside(len, Squares()) == 6
""",
    )


def test_a_librarys_object_is_made_where_the_learners_code_can_use_it(learner: ForkedLearner) -> None:
    learner.run("import torch\ndef shuffled(n, generator):\n    return torch.randperm(n, generator=generator)")
    learner.run("def doubled(model):\n    with torch.no_grad():\n        model.weight.mul_(2)")
    passes(
        learner,
        """
generator = check.beside(torch.Generator).manual_seed(5)
expected = torch.randperm(9, generator=torch.Generator().manual_seed(5))
check.equal(shuffled(9, generator), expected, "shuffled")
model = check.beside(torch.nn.Linear, 2, 1)
before = model.weight
doubled(model)
check.equal(model.weight, 2 * before, "model.weight")
""",
    )


def test_an_object_of_a_test_ends_with_it(learner: ForkedLearner) -> None:
    learner.run("kept = []\ndef keep(f):\n    kept.append(f)")
    passes(learner, "keep(lambda: 1)")
    assert learner.run("kept[0]()") == "RuntimeError: an object of a test was used after the test had ended"


def test_workers_of_the_test_itself_are_sent_to_the_probe(learner: ForkedLearner) -> None:
    learner.run(LIST)
    result = learner.examine("list(torch.utils.data.DataLoader(Doubled([1, 2]), num_workers=1))")
    assert result.points == 0
    assert "a test that needs worker processes uses check.probe" in result.error


@pytest.mark.parametrize("ending", ["import os; os._exit(3)", "raise SystemExit(0)", "import sys; sys.exit()"])
def test_a_test_that_ends_early_gives_nothing(learner: ForkedLearner, ending: str) -> None:
    assert learner.examine(ending).points == 0


def test_each_test_has_a_process_of_its_own(learner: ForkedLearner) -> None:
    learner.run(DOUBLE)
    learner.examine("import datakit.check as c\nc.equal = lambda *a: None\ntorch.equal = lambda *a: True\nleft = 1")
    passes(learner, "assert not torch.equal(torch.ones(1), torch.zeros(1)) and 'left' not in globals()")
