"""Is `import datakit` light?

Each round starts a fresh Python for each import, one after the other, so that a slow moment of the machine touches all.
The bar: `import datakit` and the import of its loader take less than twice as long as `import torch` alone.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 5
BAR = 2.0
IMPORTS = {
    "torch": "import torch",
    "datakit": "import datakit",
    "datakit, with its loader": "import datakit; datakit.DataLoader",
}


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Measure each import in fresh processes, interleaved.

    Args:
        rounds: how often each import is measured; one more round before them warms the file cache.

    Returns:
        Import → median seconds, the start of Python subtracted.
    """
    seconds: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for number in range(rounds + 1):
        start = _seconds("pass")
        for name, code in IMPORTS.items():
            taken = _seconds(code) - start
            if number > 0:
                seconds[name].append(taken)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Print the table; leave with status 1 if the bar is missed."""
    medians = measure()
    ratios = {name: seconds / medians["torch"] for name, seconds in medians.items()}
    for name, seconds in medians.items():
        print(f"{name:<26} {seconds:6.2f} s  {ratios[name]:5.2f} × import torch")
    if max(ratios.values()) >= BAR:
        sys.exit(f"The bar is {BAR} × import torch.")


if __name__ == "__main__":
    main()
