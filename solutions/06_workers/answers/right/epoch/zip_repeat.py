# With zip, and getattr in place of hasattr.
from itertools import repeat


class Announced:
    def __init__(self, sampler):
        self.sampler, self.epoch = sampler, 0

    def __len__(self):
        return len(self.sampler)

    def set_epoch(self, epoch):
        self.epoch = epoch
        getattr(self.sampler, "set_epoch", lambda epoch: None)(epoch)

    def __iter__(self):
        return zip(repeat(self.epoch), self.sampler)


class Fading(Dataset):
    def __init__(self, dataset, augment, calm, seed=0):
        self.dataset, self.augment = dataset, augment
        self.calm, self.seed = calm, seed

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, place):
        sample = self.dataset[place[1]]
        if place[0] < self.calm:
            rng = np.random.default_rng((self.seed, *place))
            sample = self.augment(sample, rng)
        return sample
