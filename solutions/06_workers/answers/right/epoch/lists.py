# A list of lists, and a seed sequence.
class Announced:
    def __init__(self, sampler):
        self.sampler, self.epoch = sampler, 0

    def __len__(self):
        return len(self.sampler)

    def set_epoch(self, epoch):
        self.epoch = epoch
        try:
            tell = self.sampler.set_epoch
        except AttributeError:
            return
        tell(epoch)

    def __iter__(self):
        return iter([[self.epoch, index] for index in self.sampler])


class Fading(Dataset):
    def __init__(self, dataset, augment, calm, seed=0):
        self.dataset, self.augment = dataset, augment
        self.calm, self.seed = calm, seed

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, place):
        epoch, index = map(int, place)
        seeds = np.random.SeedSequence(entropy=self.seed, spawn_key=(epoch, index))
        rng = np.random.Generator(np.random.PCG64(seeds))
        if epoch < self.calm:
            return self.augment(self.dataset[index], rng)
        return self.dataset[index]
