"""Anything that speaks Jupyter gets a warm, confined kernel by its kernel specification."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat.v4
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from classroom.grading import provisioner, warm_shared
from classroom.grading.kernelspec import install, specification
from classroom.grading.provisioner import NAME, folder_files
from classroom.grading.warm import WarmParent


@pytest.fixture
def jupyter(parent: WarmParent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel specification is installed, and this process has its warm parent already."""
    monkeypatch.setitem(warm_shared._SHARED, (), parent)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    assert install(prefix=tmp_path) == tmp_path / "share" / "jupyter" / "kernels" / NAME


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notebook's"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "words.txt").write_text("one two")
    (folder / ".hidden").write_text("no")
    (folder / "link").symlink_to("/etc/passwd")
    return folder


def notebook(*sources: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


@pytest.mark.usefixtures("jupyter")
def test_nbclient_runs_a_notebook_in_a_confined_kernel(folder: Path) -> None:
    ran = notebook("import os\nprint(os.getpid(), os.getuid(), sorted(os.listdir()))", "open('data/words.txt').read()")
    NotebookClient(ran, kernel_name=NAME, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    assert ran.cells[0].outputs[0].text == "1 1000 ['data']\n"
    assert ran.cells[1].outputs[0].data["text/plain"] == "'one two'"
    assert (folder / "data" / "words.txt").read_text() == "one two"


@pytest.mark.usefixtures("jupyter")
def test_errors_reach_nbclient(folder: Path) -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        client = NotebookClient(notebook("1 / 0"), kernel_name=NAME, timeout=60)
        client.execute(cwd=str(folder))


@pytest.mark.usefixtures("jupyter")
def test_interrupt_restart_and_death(folder: Path) -> None:
    manager = KernelManager(kernel_name=NAME)
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        asked = client.execute("import time\nprint('begun')\ntime.sleep(600)")
        # An interrupt that comes before the cell has begun is lost; "busy" may be about an earlier request.
        while client.get_iopub_msg(timeout=60)["content"].get("text") != "begun\n":
            continue
        manager.interrupt_kernel()
        answer = client.get_shell_msg(timeout=60)
        assert answer["parent_header"]["msg_id"] == asked and answer["content"]["ename"] == "KeyboardInterrupt"
        client.execute("name = 1", reply=True, timeout=60)  # dropped or run: it is gone after the restart
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        # After an error a kernel drops what is asked next, if it is quick, unless told not to.
        answer = client.execute("name", reply=True, timeout=60, stop_on_error=False)
        assert answer["content"]["ename"] == "NameError"
        client.execute("import os; os._exit(1)")
        assert manager.provisioner is not None
        manager.provisioner.kernel.wait(60)  # type: ignore[attr-defined]
        assert not manager.is_alive()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert not manager.has_kernel


def test_the_specification_is_what_jupyter_reads() -> None:
    stanza = specification({"memory": 1 << 30})["metadata"]["kernel_provisioner"]
    assert json.loads(json.dumps(stanza)) == {"provisioner_name": NAME, "config": {"memory": 1 << 30}}


def test_a_large_folder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder_files(folder) == {"data/words.txt": b"one two"}
    monkeypatch.setattr(provisioner, "LARGEST", 3)
    with pytest.raises(ValueError, match="bring_folder"):
        folder_files(folder)
