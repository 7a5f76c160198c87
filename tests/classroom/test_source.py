from __future__ import annotations

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.course import CourseError, Lab
from classroom.source import normalise, notebook_bytes, read_notebook, read_script, script_text

texts = st.lists(st.sampled_from(["", "x = 1", "# A heading", "print(x)"]) | st.text(max_size=20), max_size=12)


def notebook_of(sources: list[str]) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


@given(sources=texts)
def test_cell_ids_are_unique_and_depend_on_the_content_alone(sources: list[str]) -> None:
    first, second = normalise(notebook_of(sources)), normalise(notebook_of(sources))
    ids = [cell.id for cell in first.cells]
    assert ids == [cell.id for cell in second.cells]
    assert len(set(ids)) == len(ids)
    nbformat.validate(first)


@given(sources=texts, new=st.text(min_size=21, max_size=30), data=st.data())
def test_a_new_cell_changes_no_other_id(sources: list[str], new: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sources)))
    before = [cell.id for cell in normalise(notebook_of(sources)).cells]
    after = [cell.id for cell in normalise(notebook_of([*sources[:place], new, *sources[place:]])).cells]
    assert after[:place] + after[place + 1 :] == before


def test_graded_cells_are_known_by_their_grade_id(lab: Lab) -> None:
    notebook = read_script(lab)
    graded = {cell.metadata.nbgrader.grade_id: cell.id for cell in notebook.cells if "nbgrader" in cell.metadata}
    assert list(graded) == [
        "double",
        "double-check",
        "double-hidden",
        "lengths",
        "lengths-check",
        "lengths-hidden",
        "reflect-copy",
    ]
    assert all(name == cell_id for name, cell_id in graded.items())


def test_nothing_of_this_machine_is_kept(lab: Lab) -> None:
    notebook = read_script(lab)
    assert set(notebook.metadata) == {"datakit", "kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert notebook.metadata.datakit == {"title": "A tiny lab", "minutes": 5, "stage": "batch"}


def test_script_and_notebook_are_the_same_document(lab: Lab) -> None:
    text = lab.script.read_text()
    through_a_file = nbformat.reads(notebook_bytes(read_script(lab)).decode(), as_version=4)
    assert script_text(lab, through_a_file) == text


def test_the_order_of_metadata_makes_no_difference(lab: Lab) -> None:
    notebook = read_script(lab)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(dict(reversed(list(cell.metadata.items()))))
    assert script_text(lab, notebook) == lab.script.read_text()


def test_a_lab_without_a_script_is_named(lab: Lab) -> None:
    lab.script.unlink()
    with pytest.raises(
        CourseError, match=r"Lab 'mini_lab' has no mini_lab\.py\. Expected the whole lab there.*lab_format"
    ):
        read_script(lab)


def test_a_damaged_notebook_is_named(lab: Lab) -> None:
    lab.source.mkdir(parents=True)
    lab.notebook.write_text("{not a notebook")
    with pytest.raises(CourseError, match=r"mini_lab\.ipynb can't be read as a notebook.*Repair it, or remove it"):
        read_notebook(lab)
