# set_epoch sets nothing of its own.
# hint: epoch-stays
class Announced:
    """The indices of a sampler, each with the epoch: (epoch, index)."""

    def __init__(self, sampler):
        self.sampler, self.epoch = sampler, 0

    def __len__(self):
        return len(self.sampler)

    def set_epoch(self, epoch):
        """Say which epoch the next loop is."""
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(epoch)

    def __iter__(self):
        """Go through the pairs (epoch, index)."""
        epoch = self.epoch
        for index in self.sampler:
            yield epoch, index


class Fading(Dataset):
    """Samples that are augmented in the epochs before `calm`; asked for by pairs (epoch, index)."""

    def __init__(self, dataset, augment, calm, seed=0):
        self.dataset, self.augment = dataset, augment
        self.calm, self.seed = calm, seed

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, place):
        """The sample at place = (epoch, index)."""
        epoch, index = place
        if epoch >= self.calm:
            return self.dataset[index]
        rng = np.random.default_rng([self.seed, epoch, index])
        return self.augment(self.dataset[index], rng)
