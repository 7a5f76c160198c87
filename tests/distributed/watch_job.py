"""What each rank of a watched run does: one of them is lost while the others wait for it in a collective."""

from __future__ import annotations

import os
import signal
import sys
import time

import torch
from torch import distributed

from datakit.distributed import RankWatch


def main(meet: str, rank: int, world_size: int, fate: str) -> None:
    # A file to meet at, and no torchrun: nobody but the watch notices a loss.
    distributed.init_process_group("gloo", init_method=f"file://{meet}", rank=rank, world_size=world_size)
    with RankWatch(timeout=3):
        distributed.all_reduce(torch.ones(1))
        print("working", flush=True)
        victim = 0 if fate.endswith("first") else world_size - 1
        if rank == victim:
            time.sleep(0.5)
            if fate.startswith("killed"):
                os.kill(os.getpid(), signal.SIGKILL)
            if fate.startswith("frozen"):
                os.kill(os.getpid(), signal.SIGSTOP)
            if fate.startswith("error"):
                raise LookupError("photo 7 is damaged")
        if fate == "done":
            # Ranks that finish early are not lost ones.
            time.sleep(4 * rank)
        else:
            distributed.all_reduce(torch.ones(1))
    print("finished", flush=True)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
