"""``python -m benchmarks``: datakit and its peers, side by side in one run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cases import CASES
from benchmarks.corpus import cache_folder
from benchmarks.report import picture, table
from benchmarks.runner import PEERS, Settings, peers_of, run_case
from datakit.experiments.machine import this_machine

RESULTS = Path(__file__).parent / "results"
NOTE = (
    "Ratios are formed in each round, and their median is quoted with the least and the most. "
    "`other_cores` says how many cores other programs kept busy during a measurement: where it is not near 0, "
    "wall time (samples_per_s, cores_busy) is disturbed, and CPU time (cpu_us_per_sample) is the number to trust."
)

app = typer.Typer(add_completion=False)


@app.command()
def main(
    case: Annotated[list[str] | None, typer.Option(help=f"Which cases: {', '.join(CASES)}. All, if left out.")] = None,
    peer: Annotated[list[str] | None, typer.Option(help=f"Which peers: {', '.join(PEERS)}. All, if left out.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each peer is measured.")] = 5,
    samples: Annotated[int, typer.Option(min=64, help="Samples an epoch.")] = 2000,
    workers: Annotated[int, typer.Option(min=0, help="Worker threads or processes.")] = 2,
    epochs: Annotated[int, typer.Option(min=1, help="Timed epochs a measurement.")] = 2,
    python: Annotated[str, typer.Option(help="The interpreter that has the peers.")] = sys.executable,
    cache: Annotated[Path | None, typer.Option(help="Where corpora are kept between runs.")] = None,
    out: Annotated[Path, typer.Option(help="Where the JSON and the picture go.")] = RESULTS,
    save_as: Annotated[str, typer.Option(help="The result files' name.")] = "latest",
) -> None:
    """Measure, print the tables, and save JSON and a picture."""
    settings = Settings(rounds, samples, workers, epochs, (cache or cache_folder()).resolve(), python)
    result: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(this_machine()),
        "settings": {key: value for key, value in asdict(settings).items() if key not in ("cache", "python")},
        "note": NOTE,
        "cases": {},
    }
    for each in case or CASES:
        if each not in CASES:
            raise typer.BadParameter(f"there is no case {each!r}. Choose from {', '.join(CASES)}.")
        unknown = set(peer or ()) - set(PEERS)
        if unknown:
            raise typer.BadParameter(f"there is no peer {min(unknown)!r}. Choose from {', '.join(PEERS)}.")
        peers = [name for name in peers_of(each) if not peer or name in peer]
        result["cases"][each] = run_case(each, peers, settings, typer.echo)
        # Saved after each case, so that a run that is stopped keeps what it has.
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{save_as}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for each, measured in result["cases"].items():
        typer.echo(f"\n## {each}\n{measured['question']}\n\n{table(measured, CASES[each].gains)}")
    picture(result, out / f"{save_as}.png")


if __name__ == "__main__":
    app()
