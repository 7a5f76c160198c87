"""CSV tables: types, missing values, label maps, and refusals. The oracles are pandas and scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datakit import CSVDataset, DataLoader, Standardizer, check, samples

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(FLOATS, FLOATS, st.text("abü ,\"\n'", min_size=1).map(lambda s: f"x{s}x")), min_size=1, max_size=8
    )
)
def test_reads_what_pandas_reads(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    pd.DataFrame(rows, columns=["a", "y", "kind"]).to_csv(path, index=False)
    table = pd.read_csv(path, dtype={"kind": str}, keep_default_na=False)
    dataset = CSVDataset(path, "y", "regression", category_columns=["kind"])
    assert dataset.features.tolist() == table[["a"]].to_numpy(np.float32).tolist()
    assert dataset.targets.tolist() == table["y"].to_numpy(np.float32).tolist()
    categories = table["kind"].astype("category").cat
    assert list(dataset.label_maps["kind"]) == categories.categories.tolist()
    assert dataset.categories[:, 0].tolist() == categories.codes.tolist()


def test_classification_samples(write: Write) -> None:
    dataset = CSVDataset(write("a,b,kind\n1,2,tree\n3,4,bush\n5,6,tree\n"), "kind", "classification")
    assert dataset.classes == ["bush", "tree"]
    items = [(torch.tensor([a, a + 1.0]), torch.tensor(y)) for a, y in [(1.0, 1), (3.0, 0), (5.0, 1)]]
    check.indexing(dataset, items)
    x, y = next(iter(DataLoader(dataset, batch_size=3)))
    assert (x.dtype, list(x.shape), y.dtype, list(y.shape)) == (torch.float32, [3, 2], torch.int64, [3])


def test_regression_samples_with_categories(write: Write) -> None:
    dataset = CSVDataset(write("a,kind,y\n1,s,0.5\n2,t,1.5\n"), "y", "regression", category_columns=["kind"])
    x, c, y = dataset[1]
    assert (x.tolist(), c.tolist(), y.item()) == ([2.0], [1], 1.5)
    assert (x.dtype, c.dtype, y.dtype) == (torch.float32, torch.int64, torch.float32)
    assert dataset.classes == []
    assert dataset.feature_columns == ["a"]


def test_feature_columns_choose_and_order(write: Write) -> None:
    dataset = CSVDataset(write("name,a,b,y\nx,1,2,3\n"), "y", "regression", feature_columns=["b", "a"])
    assert dataset[0][0].tolist() == [2.0, 1.0]


def test_bom_crlf_quotes_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'\xef\xbb\xbf"a",y\r\n\r\n" 1.5 ","x, ""y""\r\nz"\r\n2,w\r\n')
    dataset = CSVDataset(path, "y", "classification")
    assert dataset.features.tolist() == [[1.5], [2.0]]
    assert dataset.classes == ["w", 'x, "y"\r\nz']
    assert dataset.row_numbers == [3, 5]


GAPS = "a,b,kind,y\n1,10,s,1\n,20,t,2\n3,,,3\n4,40,s,\n9,90,t,5\n"


def test_missing_error_is_the_default(write: Write) -> None:
    with pytest.raises(ValueError, match=r"row 3 of t.csv has no value in column 'a'. Pass missing='drop'"):
        CSVDataset(write(GAPS), "y", "regression", category_columns=["kind"])


def test_missing_drop_leaves_rows_out(write: Write) -> None:
    dataset = CSVDataset(write(GAPS), "y", "regression", category_columns=["kind"], missing="drop")
    assert dataset.features.tolist() == [[1, 10], [9, 90]]
    assert dataset.row_numbers == [2, 6]
    assert dataset.dropped_rows == [3, 4, 5]
    assert dataset.fill is None


def test_missing_values_are_filled_from_the_training_samples_alone(write: Write) -> None:
    # Row 5 has no target and is left out, so position 3 is row 6.
    dataset = CSVDataset(write(GAPS), "y", "regression", category_columns=["kind"], missing="mean", fit_on=[0, 1, 2])
    assert dataset.dropped_rows == [5]
    assert dataset.fill is not None
    assert dataset.fill.tolist() == [2.0, 15.0]
    assert dataset.features.tolist() == [[1, 10], [2, 20], [3, 15], [9, 90]]
    assert list(dataset.label_maps["kind"]) == ["", "s", "t"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | FLOATS, min_size=2, max_size=12), st.sampled_from(["mean", "median"]), st.data())
def test_fill_values_equal_pandas(
    tmp_path_factory: pytest.TempPathFactory, column: list[float | None], policy: Any, data: st.DataObject
) -> None:
    fit_on = data.draw(st.lists(st.integers(0, len(column) - 1), min_size=1, unique=True))
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text("a,y\n" + "".join(f"{'' if a is None else repr(a)},0\n" for a in column))
    training = pd.Series(column, dtype="float64").iloc[fit_on]
    if training.isna().all():
        with pytest.raises(ValueError, match=rf"column 'a' has no value in any row of fit_on, so it has no {policy}"):
            CSVDataset(path, "y", "regression", missing=policy, fit_on=fit_on)
        return
    dataset = CSVDataset(path, "y", "regression", missing=policy, fit_on=fit_on)
    value = np.float32(getattr(training, policy)())
    assert dataset.fill is not None
    assert dataset.fill.item() == pytest.approx(value, rel=1e-6, abs=1e-30)
    for at, cell in enumerate(column):
        assert dataset.features[at].item() == (dataset.fill.item() if cell is None else cell)


def test_the_real_cars_with_their_real_gaps(tmp_path: Path) -> None:
    path = samples.cars_csv(tmp_path / "cars.csv")
    columns = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "year"]
    arguments: dict[str, Any] = {"feature_columns": columns, "category_columns": ["origin"]}
    table = pd.read_csv(path)
    dropped = CSVDataset(path, "miles_per_gallon", "regression", missing="drop", **arguments)
    assert len(dropped) == len(table.dropna()) == 392
    filled = CSVDataset(path, "miles_per_gallon", "regression", missing="median", fit_on="all", **arguments)
    assert (len(filled), len(filled.dropped_rows)) == (398, 8)
    known = table.dropna(subset=["miles_per_gallon"])
    expected = known[columns].fillna(known[columns].median()).to_numpy(np.float32)
    assert filled.features.tolist() == expected.tolist()
    assert list(filled.label_maps["origin"]) == ["Europe", "Japan", "USA"]


def test_another_file_is_read_with_what_was_learnt_from_the_first(write: Write, tmp_path: Path) -> None:
    train = CSVDataset(
        write("a,k,y\n1,s,no\n3,t,yes\n"), "y", "classification", category_columns=["k"], missing="mean", fit_on="all"
    )
    train.transform = Standardizer.fit(train.features)
    (tmp_path / "test.csv").write_text("y,k,a,extra\nyes,t,,9\nyes,t,5,9\n")
    test = train.read_alike(tmp_path / "test.csv")
    assert test.features.tolist() == [[2.0], [5.0]]
    assert test.categories.tolist() == [[1], [1]]
    assert test.targets.tolist() == [1, 1]
    assert test[1][0].tolist() == [3.0]
    assert (len(train), train.path.name, train.row_numbers) == (2, "t.csv", [2, 3])
    (tmp_path / "odd.csv").write_text("y,k,a\nyes,t,1\nyes,u,1\n")
    with pytest.raises(ValueError, match=r"row 3 of odd.csv has 'u' in column 'k'. The labels known .* are 's', 't'"):
        train.read_alike(tmp_path / "odd.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"t.csv is empty. Its first line must name the columns"),
        ("a,y\n", r"t.csv has a header but no rows"),
        ("a,b\n1,2\n", r"t.csv has no column 'y'. Its columns are 'a', 'b'. Fix the first line, or the name"),
        (
            "a,b,c,d,e,f,g,h,i,j\n",
            r"t.csv has no column 'y'. Its columns are 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 2 more. Fix",
        ),
        ("a,a,y\n1,1,2\n", r"t.csv names column 'a' more than once"),
        ("a,y\n1,2\n1\n", r"row 3 of t.csv has 1 cells, but the header names 2 columns"),
        ("a,y\n1,2,3\n", r"row 2 of t.csv has 3 cells"),
        ('a,y\n"1\n",2\nabc,2\n', r"row 4 of t.csv has 'abc' in column 'a', where a number is expected. Fix the cell"),
        ("a,y\n1,x\n", r"row 2 of t.csv has 'x' in column 'y', where a number is expected"),
        ("a,y\n1,2\nnan,2\n", r"row 3 of t.csv has 'nan' in column 'a', which is not a number that float32 can hold"),
        ("a,y\n-inf,2\n", r"row 2 of t.csv has '-inf'"),
        ("a,y\n1e39,2\n", r"row 2 of t.csv has '1e39'"),
        ('a,y\n"1,2\n', r"t.csv can't be read as CSV: .* Check its quotes"),
    ],
)
def test_bad_files_are_refused_with_row_and_column(write: Write, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"CSVDataset: {words}"):
        CSVDataset(write(text), "y", "regression")


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a,y\nm\u00fcde,1\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"t.csv is not UTF-8 text \(byte 5 can't be read\). Save it as UTF-8"):
        CSVDataset(tmp_path / "t.csv", "y", "regression")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"CSVDataset: there is no file .*none.csv'. Check the path"):
        CSVDataset(tmp_path / "none.csv", "y", "regression")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"task": "ranking"}, r"task='ranking' arrived; 'classification' or 'regression' is expected"),
        ({"missing": "zero"}, r"missing='zero' arrived; expected is one of 'error', 'drop', 'mean', 'median'"),
        ({"missing": "mean"}, r"missing='mean' needs fit_on: the positions of the training samples, or 'all'"),
        ({"missing": "drop", "fit_on": [0]}, r"fit_on has no use with missing='drop'. Leave it out"),
        ({"missing": "mean", "fit_on": []}, r"fit_on is empty. Name the positions"),
        ({"feature_columns": ["a", "y"]}, r"column 'y' has two roles"),
        ({"category_columns": ["c"]}, r"t.csv has no column 'c'"),
    ],
)
def test_bad_arguments_are_refused(write: Write, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"CSVDataset: {words}"):
        CSVDataset(write("a,y\n1,2\n"), "y", **{"task": "regression", **arguments})


def test_fit_on_beyond_the_samples_is_refused(write: Write) -> None:
    with pytest.raises(IndexError, match="CSVDataset: fit_on: index 1 is out of range"):
        CSVDataset(write("a,y\n1,2\n"), "y", "regression", missing="mean", fit_on=[1])


def test_a_file_of_nothing_but_gaps_is_refused(write: Write) -> None:
    with pytest.raises(ValueError, match=r"every row of t.csv has an empty cell, so none is left"):
        CSVDataset(write("a,y\n,2\n3,\n"), "y", "regression", missing="drop")


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 20), st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(0.1, 1e4))
def test_standardizer_equals_scikit_learn(n: int, columns: int, seed: int, spread: float) -> None:
    from sklearn.preprocessing import StandardScaler

    rows = torch.from_numpy(np.random.default_rng(seed).normal(3, spread, size=(n, columns))).float()
    rows[:, 0] = 0.1  # a constant column
    ours, theirs = Standardizer.fit(rows), StandardScaler().fit(rows.double().numpy())
    torch.testing.assert_close(
        ours(rows).double(), torch.from_numpy(theirs.transform(rows.double().numpy())), rtol=1e-3, atol=1e-3
    )
    assert ours.std[0] == 1
    assert torch.equal(ours(rows[0]), ours(rows)[0])


def test_standardizer_uses_the_training_split_alone() -> None:
    standardizer = Standardizer.fit(torch.tensor([[0.0], [2.0]]))
    assert standardizer(torch.tensor([[4.0]])).tolist() == [[3.0]]


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        (torch.zeros(2, 2, dtype=torch.int64), TypeError, r"dtype torch.int64 arrived. .* use rows.float\(\)"),
        (torch.zeros(2), ValueError, r"shape \[2\] arrived; \[N, F\] with at least one row is expected"),
        (torch.zeros(0, 2), ValueError, r"shape \[0, 2\] arrived"),
        (torch.tensor([[0, math.nan]]), ValueError, r"column 1 holds NaN or infinity, .* Fill missing values first"),
    ],
)
def test_standardizer_refuses_what_has_no_mean(rows: torch.Tensor, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=f"Standardizer.fit: .*{words}"):
        Standardizer.fit(rows)


def test_standardizer_refuses_other_columns() -> None:
    with pytest.raises(ValueError, match=r"shape \[3\] arrived; it was fitted on 2 columns"):
        Standardizer.fit(torch.zeros(2, 2))(torch.zeros(3))
