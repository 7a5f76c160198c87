"""A result → Markdown table and picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.ratios import Spread
from benchmarks.runner import OURS


def table(case: dict[str, Any], gains: dict[str, bool]) -> str:
    """Make a Markdown table of one case, the best peer first.

    Args:
        case: what ``runner.run_case`` returned.
        gains: the compared fields, the most important first → whether a high one is good.
    """
    medians = {
        peer: {field: spread["median"] for field, spread in measured["spread"].items()}
        for peer, measured in case["peers"].items()
    }
    first, high = next(iter(gains.items()))
    best_first = sorted(medians, key=lambda peer: medians[peer][first], reverse=high)
    known = medians[best_first[0]] if best_first else {}
    shown = [field for field in (*gains, "cores_busy", "other_cores") if field in known]
    lines = ["| peer | " + " | ".join(shown) + " | " + " | ".join(f"gain in {field}" for field in gains) + " |"]
    lines.append("|---" * (1 + len(shown) + len(gains)) + "|")
    for peer in best_first:
        compared = case["gains"].get(peer)
        ratios = [str(Spread(**compared[field])) if compared else "1" for field in gains]
        cells = [f"**{peer}**" if peer == OURS else peer, *(f"{medians[peer][field]:.4g}" for field in shown), *ratios]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [f"| {peer} | failed: {error} |" for peer, error in case["failed"].items()]
    return "\n".join(lines)


def picture(result: dict[str, Any], path: Path) -> None:
    """Draw each case as bars: by what factor datakit is better than each peer, with the spread over the rounds.

    Args:
        result: the whole run.
        path: a ``.png`` or ``.svg`` file.
    """
    # No window: a benchmark runs where there is no screen.
    from matplotlib.figure import Figure

    cases = {name: case for name, case in result["cases"].items() if case["gains"]}
    rows = sum(len(case["gains"]) + 2 for case in cases.values())
    figure = Figure(figsize=(8, 1 + 0.28 * rows), layout="constrained")
    heights = [len(case["gains"]) + 2 for case in cases.values()]
    axes = figure.subplots(len(cases), 1, squeeze=False, height_ratios=heights)[:, 0] if cases else []
    for axis, (name, case) in zip(axes, cases.items(), strict=True):
        for offset, field in enumerate(next(iter(case["gains"].values()))):
            values = [gains[field] for gains in case["gains"].values()]
            medians = [value["median"] for value in values]
            errors = [
                [value["median"] - value["least"] for value in values],
                [value["most"] - value["median"] for value in values],
            ]
            places = [place + 0.4 * offset - 0.2 for place in range(len(values))]
            axis.barh(places, medians, 0.38, xerr=errors, label=field, error_kw={"lw": 0.8})
        axis.set_yticks(range(len(case["gains"])), list(case["gains"]))
        axis.invert_yaxis()
        axis.axvline(1, color="black", lw=0.8)
        axis.set_title(f"{name}: how many times better is datakit? (above 1: better)", loc="left", fontsize=9)
        axis.legend(fontsize=7)
    figure.savefig(path, dpi=120)
