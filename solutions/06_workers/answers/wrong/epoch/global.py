# A global variable, which workers don't share.
# hint: never-calm
NOW = {"epoch": 0}


class Announced:
    def __init__(self, sampler):
        self.sampler, self.epoch = sampler, 0

    def __len__(self):
        return len(self.sampler)

    def set_epoch(self, epoch):
        self.epoch = NOW["epoch"] = epoch
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(epoch)

    def __iter__(self):
        epoch = self.epoch
        for index in self.sampler:
            yield epoch, index


class Fading(Dataset):
    def __init__(self, dataset, augment, calm, seed=0):
        self.dataset, self.augment = dataset, augment
        self.calm, self.seed = calm, seed

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, place):
        _, index = place
        if NOW["epoch"] >= self.calm:
            return self.dataset[index]
        rng = np.random.default_rng([self.seed, NOW["epoch"], index])
        return self.augment(self.dataset[index], rng)
