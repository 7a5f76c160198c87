"""Measure peers side by side: every round measures each of them once, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.ratios import gain, spread

ROOT = Path(__file__).parent.parent
PEERS_FOLDER = Path(__file__).parent / "peers"
PEERS = sorted(path.stem for path in PEERS_FOLDER.glob("*.py") if path.stem != "__init__")
OURS = "datakit_threads"
TIMEOUT = 900

Say = Callable[[str], None]
Round = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        rounds: how often each peer is measured.
        samples: how many samples an epoch has.
        workers: worker threads or processes of each peer.
        epochs: how many epochs each measurement times, after one that warms up.
        cache: where corpora and converted copies are kept.
        python: the interpreter that has the peers.
    """

    rounds: int
    samples: int
    workers: int
    epochs: int
    cache: Path
    python: str


def peers_of(case: str) -> list[str]:
    """Return the peers that take part in a case, without importing their libraries."""
    function = f"\ndef {CASES[case].kind}("
    return [peer for peer in PEERS if function in (PEERS_FOLDER / f"{peer}.py").read_text(encoding="utf-8")]


def run_case(name: str, peers: Sequence[str], settings: Settings, say: Say = print) -> dict[str, Any]:
    """Measure some peers on one case.

    A peer that fails (mostly because its library is not installed) is named in the result with its error, and left out
    of the rounds that follow.

    Returns:
        What :func:`summary` returns.
    """
    case = CASES[name]
    rounds: dict[str, list[Round]] = {}
    failed: dict[str, str] = {}
    for number in range(settings.rounds):
        # Another one begins each time, so that nobody always follows the same neighbour.
        shift = number % len(peers)
        for peer in (*peers[shift:], *peers[:shift]):
            if peer in failed:
                continue
            try:
                measured = measure_apart(name, peer, settings)
            except RuntimeError as error:
                failed[peer] = str(error)
                rounds.pop(peer, None)
                say(f"{name:<16} round {number + 1} {peer:<18} failed: {error}")
                continue
            rounds.setdefault(peer, []).append(measured)
            shown = " ".join(f"{field}={measured[field]:.4g}" for field in case.gains)
            say(f"{name:<16} round {number + 1} {peer:<18} {shown} other_cores={measured.get('other_cores', 0):.2f}")
    return {"question": case.question, **summary(rounds, case.gains), "failed": failed}


def measure_apart(case: str, peer: str, settings: Settings) -> Round:
    """Measure one peer once, in a new process that is gone afterwards, with all its children.

    Raises:
        RuntimeError: if it fails or takes longer than ``TIMEOUT`` seconds; the message is its last line.
    """
    command = [settings.python, "-m", "benchmarks.measure", case, peer]
    command += [str(settings.samples), str(settings.workers), str(settings.epochs), str(settings.cache)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"no result after {TIMEOUT} s") from error
    finally:
        _end_group(process)
    if process.returncode != 0:
        raise RuntimeError((errors.strip() or f"exit status {process.returncode}").splitlines()[-1])
    result: Round = json.loads(output.strip().splitlines()[-1])
    return result


def _end_group(process: subprocess.Popen[str]) -> None:
    # Some libraries leave workers behind when they end in an error; the next peer must not share the cores with them.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def summary(rounds: dict[str, list[Round]], gains: dict[str, bool]) -> dict[str, Any]:
    """Form medians and ratios.

    Args:
        rounds: peer → its measurements, one a round.
        gains: the fields to compare → whether a high one is good.

    Returns:
        ``peers``: peer → versions, spreads of the fields, and the rounds as they are; ``gains``: peer → field → by
        what factor ``OURS`` is better, as paired ratios with their spread (empty if ``OURS`` was not measured).
    """
    peers = {}
    for peer, measured in rounds.items():
        numbers = [{key: value for key, value in each.items() if key != "versions"} for each in measured]
        fields = {field: asdict(spread([each[field] for each in numbers])) for field in numbers[0]}
        peers[peer] = {"versions": measured[0]["versions"], "spread": fields, "rounds": numbers}
    compared: dict[str, dict[str, Any]] = {}
    for peer, theirs in rounds.items():
        if peer != OURS and OURS in rounds:
            compared[peer] = {
                field: asdict(gain([each[field] for each in rounds[OURS]], [each[field] for each in theirs], high))
                for field, high in gains.items()
            }
    return {"peers": peers, "gains": compared}
