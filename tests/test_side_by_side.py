from __future__ import annotations

import math
import sys

import pytest
import torch
from torch import nn

from datakit import DataLoader, History, TensorDataset, fit, histories_in_words, plot_histories

SAMPLES = 24


@pytest.fixture(scope="module")
def runs() -> dict[str, History]:
    x = torch.randn(SAMPLES, 3, generator=torch.Generator().manual_seed(0))
    histories = {}
    for name, batch_size in {"full batch": SAMPLES, "stochastic": 1, "mini-batch": 6}.items():
        torch.manual_seed(0)
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        loader = DataLoader(TensorDataset(x, x.sum(dim=1, keepdim=True)), batch_size)
        histories[name] = fit(model, loader, nn.MSELoss(), optimizer, epochs=3, count_kept=True)
    return histories


def test_three_descents_share_the_axis_of_epochs_and_show_their_memory(runs: dict[str, History]) -> None:
    loss, norm, memory = plot_histories(runs).axes
    for line, (name, history) in zip(loss.lines, runs.items(), strict=True):
        assert line.get_label() == name
        assert line.get_xydata().tolist() == [[k + 1, history.epoch_losses[k]] for k in range(3)]  # type: ignore[union-attr]
    for line, history in zip(norm.lines, runs.values(), strict=True):
        places, norms = line.get_data()
        assert list(norms) == history.gradient_norms
        assert list(places)[-1] == pytest.approx(3)
    # Four input floats, an output and a target of each sample: 24 samples keep 24 times as much as one.
    widths = [bar.get_width() for bar in memory.patches]  # type: ignore[attr-defined]
    assert widths == [SAMPLES * widths[1], widths[1], 6 * widths[1]]
    assert [label.get_text() for label in memory.get_yticklabels()] == list(runs)


def test_memory_has_no_panel_where_it_was_not_counted(runs: dict[str, History]) -> None:
    uncounted = History([1.0], [1.0], [0.1], [1.0])
    assert len(plot_histories({**runs, "uncounted": uncounted}).axes) == 2


def test_a_run_that_went_wrong_is_drawn_too() -> None:
    lost = History([1.0, math.inf, math.nan], [2.0, math.inf, math.nan], [0.1] * 3, [math.nan])
    stuck = History([1.0] * 3, [0.0] * 3, [0.1] * 3, [1.0])
    figure = plot_histories({"never": lost, "after backward": stuck})
    figure.canvas.draw()
    assert figure.axes[0].get_yscale() == "log"
    # A norm of 0 alone has no place on a logarithmic scale.
    assert plot_histories({"after backward": stuck}).axes[1].get_yscale() == "linear"


def test_the_words_carry_the_values(runs: dict[str, History]) -> None:
    words = histories_in_words(runs)
    assert words.startswith("3 training runs. full batch: mean loss from ")
    for name, history in runs.items():
        assert f"{name}: mean loss from {history.epoch_losses[0]:.3g} to {history.epoch_losses[-1]:.3g}" in words
        assert f"at most {max(history.kept_bytes) / 1024:,.1f} KiB kept" in words


def test_no_run_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no run arrived\. Pass at least one"):
        plot_histories({})


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, runs: dict[str, History]) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"needs the package matplotlib.*pip install 'datakit\[lab\]'"):
        plot_histories(runs)
