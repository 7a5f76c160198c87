# Augments in __init__.
# hint: epochs-alike
class Augmented(Dataset):
    def __init__(self, images, labels, augment, seed=0, training=True):
        self.images, self.labels = images, labels
        self.augment, self.seed, self.training = augment, seed, training
        self.epoch = 0
        rng = np.random.default_rng(seed)
        self.altered = [augment(image, rng) for image in images]

    def __len__(self):
        return len(self.images)

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __getitem__(self, index):
        return (self.altered if self.training else self.images)[index], self.labels[index]

    def eval_twin(self):
        return Augmented(self.images, self.labels, self.augment, self.seed, training=False)
