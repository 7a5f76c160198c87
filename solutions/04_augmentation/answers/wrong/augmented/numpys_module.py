# Seeds NumPy's global generator, and hands the module over.
# hint: no-generator
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
        image = self.images[index]
        if self.training:
            np.random.seed(self.seed + self.epoch + index)
            rng = np.random
            image = self.augment(image, rng)
        return image, self.labels[index]

    def eval_twin(self):
        return Augmented(self.images, self.labels, self.augment, self.seed, training=False)
