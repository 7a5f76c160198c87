"""The picture of a training run: what it shows, and that it is drawn anew, in a file and in a notebook's kernel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from jupyter_client.manager import start_new_kernel
from PIL import Image
from torch import nn

from datakit import History, LivePlot, fit, plot_history
from datakit.live_plot import in_words

HISTORY = History(
    losses=[2.0, 1.0, 0.5, 0.1],
    gradient_norms=[3.0, 0.0, 2.0, 1.0],
    learning_rates=[0.1, 0.1, 0.05, 0.05],
    epoch_losses=[1.5, 0.3],
)


def titles(figure: Any) -> list[str]:
    return [axes.get_title() for axes in figure.axes]


def test_each_measure_has_a_panel() -> None:
    figure = plot_history(HISTORY)
    assert titles(figure) == ["loss", "gradient norm", "learning rate"]
    for axes, values in zip(figure.axes, (HISTORY.losses, HISTORY.gradient_norms, HISTORY.learning_rates), strict=True):
        assert axes.lines[0].get_ydata().tolist() == values  # type: ignore[union-attr]
    # An epoch's mean stands at its last batch.
    assert figure.axes[0].lines[1].get_xydata().tolist() == [[1, 1.5], [3, 0.3]]  # type: ignore[union-attr]
    # The loss fell by more than a factor of ten; a norm of 0 has no place on a logarithmic scale.
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear", "linear"]


def test_memory_has_a_panel_where_there_is_a_gpu() -> None:
    figure = plot_history(History([1.0], [1.0], [0.1], [1.0], [3 * 2**20, 5 * 2**20]))
    assert titles(figure)[3] == "peak GPU memory (MiB)"
    assert figure.axes[3].lines[0].get_ydata().tolist() == [3, 5]  # type: ignore[union-attr]


def test_what_it_shows_in_words() -> None:
    assert in_words(HISTORY) == (
        "Training run, 2 epochs: the mean loss went from 1.5 to 0.3; the longest gradient was 3, the last 1; the "
        "learning rate is 0.05."
    )


def test_a_file_is_written_anew_after_each_epoch(tmp_path: Path) -> None:
    model = nn.Linear(1, 1)
    plot, pictures = LivePlot(tmp_path / "run.png"), []

    def watch(history: History) -> None:
        plot(history)
        pictures.append((tmp_path / "run.png").read_bytes())

    batches = [(torch.randn(8, 1), torch.randn(8, 1)) for _ in range(3)]
    fit(model, batches, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1), epochs=3, on_epoch=watch)
    assert len(set(pictures)) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["run.png"]
    with Image.open(tmp_path / "run.png") as image:
        assert image.format == "PNG"
        assert len(set(image.convert("L").tobytes())) > 10  # it is not blank


NOTEBOOK = """
from datakit.training import History
from datakit.live_plot import LivePlot
plot = LivePlot()
for epochs in (1, 2, 3):
    plot(History([1.0] * epochs, [1.0] * epochs, [0.1] * epochs, [0.5] * epochs))
"""


@pytest.mark.slow
def test_a_notebook_shows_one_picture_that_changes() -> None:
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=120)
    shown: list[tuple[str, Any]] = []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("display_data", "update_display_data"):
            shown.append((message["msg_type"], message["content"]))

    try:
        reply = client.execute_interactive(NOTEBOOK, timeout=120, output_hook=note)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert reply["content"]["status"] == "ok", reply["content"]
    assert [kind for kind, _ in shown] == ["display_data", "update_display_data", "update_display_data"]
    assert len({content["transient"]["display_id"] for _, content in shown}) == 1
    assert len({content["data"]["text/html"] for _, content in shown}) == 3
    assert '<img alt="Training run, 3 epochs: ' in shown[-1][1]["data"]["text/html"]


def test_without_a_notebook_it_wants_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    words = r"LivePlot: nobody would see it, as this is no notebook. Pass a file: LivePlot\('run.png'\)"
    with pytest.raises(RuntimeError, match=words):
        LivePlot()
    monkeypatch.setitem(sys.modules, "IPython", None)
    with pytest.raises(RuntimeError, match=words):
        LivePlot()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"LivePlot needs the package matplotlib.*pip install 'datakit\[lab\]"
    ):
        plot_history(HISTORY)
