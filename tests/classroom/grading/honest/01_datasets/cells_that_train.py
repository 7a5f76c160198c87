# shows: a training loop in added cells, whose workers print

# %% after tasks
from torch.utils.data import DataLoader

ds = Tasks(torch.rand(8, 3), a=[1, None, 3, 4, 5, 6, 7, 8])


def note(worker):
    print("worker", worker, "starts")


for batch in DataLoader(ds, batch_size=4, num_workers=2, worker_init_fn=note):
    print({name: value.shape for name, value in batch.items()})
