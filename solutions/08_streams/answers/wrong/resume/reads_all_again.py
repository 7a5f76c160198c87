# Reads the epoch again, and drops what was given.
# hint: read-again
def order(n, *numbers):
    """The numbers 0 … n-1 in an order that depends on `numbers` alone."""
    return np.random.default_rng(numbers).permutation(n).tolist()


class Stream:
    """The samples of shards, in another order each epoch, from where the stream stands."""

    def __init__(self, read, count, seed):
        self.read, self.count, self.seed = read, count, seed
        self.epoch = 0
        self.samples = 0  # given in this epoch

    def state_dict(self):
        return {
            "seed": self.seed,
            "epoch": self.epoch,
            "samples": self.samples,
        }

    def load_state_dict(self, state):
        if state["seed"] != self.seed:
            raise ValueError(
                f"the state has seed {state['seed']}, this stream has seed {self.seed}"
            )
        self.epoch = state["epoch"]
        self.samples = state["samples"]

    def __iter__(self):
        skip = self.samples
        for number in order(self.count, self.seed, self.epoch):
            samples = self.read(number)
            for place in order(len(samples), self.seed, self.epoch, number):
                if skip:
                    skip -= 1
                    continue
                self.samples += 1
                yield samples[place]
        self.epoch, self.samples = self.epoch + 1, 0
