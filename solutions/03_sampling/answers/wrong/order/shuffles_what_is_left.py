# Shuffles only as many as are left.
# hint: shuffled-the-rest
class Order:
    """The numbers 0 … n-1 in an order that depends on seed and epoch alone."""

    def __init__(self, n, seed=0):
        self.n, self.seed = n, seed
        self.epoch = 0  # the number of the next loop
        self.done = 0  # how many of its indices were given out before

    def __len__(self):
        return self.n

    def resume(self, epoch, done):
        self.epoch, self.done = epoch, done

    def __iter__(self):
        epoch, done = self.epoch, self.done
        self.epoch, self.done = epoch + 1, 0
        shuffled = np.random.default_rng([self.seed, epoch]).permutation(self.n - done)
        return iter(shuffled.tolist())
