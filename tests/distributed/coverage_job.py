"""What each rank runs under torchrun: read a dataset and a stream with 0 to 3 workers, and write down what came."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from torch import distributed
from torch.utils.data import DataLoader

import datakit
from datakit import DistributedSampler, RecordStream
from datakit.distributed import RankWatch

EPOCHS = 2
WORKERS = range(4)


def flat(loader: Any) -> list[int]:
    return [int(i) for batch in loader for i in batch]


def main(folder: Path, n: int) -> None:
    distributed.init_process_group("gloo")
    rank = distributed.get_rank()
    seen: dict[str, Any] = {}
    with RankWatch(timeout=30):
        for workers in WORKERS:
            sampler = DistributedSampler(range(n))
            dataset: Any = range(n)
            loader = DataLoader(
                dataset, batch_size=3, sampler=sampler, num_workers=workers, persistent_workers=workers > 0
            )
            epochs = []
            for epoch in range(EPOCHS):
                sampler.set_epoch(epoch)
                epochs.append(flat(loader))
            stream = RecordStream(sorted(folder.glob("*.jsonl")), shuffle_buffer=8)
            seen[str(workers)] = {
                "map": epochs,
                "repeats_here": sampler.repeats_here,
                "repeats": sampler.repeats,
                "stream": flat(DataLoader(stream, batch_size=3, num_workers=workers)),
            }
        # And once with datakit's own loader in the place of PyTorch's.
        sampler = DistributedSampler(range(n))
        seen["datakit"] = flat(datakit.DataLoader(range(n), batch_size=3, sampler=sampler))
        distributed.barrier()
    Path(folder, f"rank{rank}.json").write_text(json.dumps(seen))
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
