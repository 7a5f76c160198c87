# The twin augments with the same draws each time.
# hint: twin-augments
class Augmented(Dataset):
    def __init__(self, images, labels, augment, seed=0, training=True):
        self.images, self.labels = images, labels
        self.augment, self.seed, self.training = augment, seed, training
        self.epoch = 0

    def __len__(self):
        return len(self.images)

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __getitem__(self, index):
        epoch = self.epoch if self.training else 0
        rng = np.random.default_rng([self.seed, epoch, index])
        return self.augment(self.images[index], rng), self.labels[index]

    def eval_twin(self):
        return Augmented(self.images, self.labels, self.augment, self.seed, training=False)
