# Fills a list with the whole epoch, and gives that out.
# hint: counted-all-at-once
def order(n, *numbers):
    """The numbers 0 … n-1 in an order that depends on `numbers` alone."""
    return np.random.default_rng(numbers).permutation(n).tolist()


class Stream:
    """The samples of shards, in another order each epoch, from where the stream stands."""

    def __init__(self, read, count, seed):
        self.read, self.count, self.seed = read, count, seed
        self.epoch = 0
        self.shards = 0  # finished in this epoch
        self.samples = 0  # given of the current shard

    def state_dict(self):
        return {
            "seed": self.seed,
            "epoch": self.epoch,
            "shards": self.shards,
            "samples": self.samples,
        }

    def load_state_dict(self, state):
        if state["seed"] != self.seed:
            raise ValueError(
                f"the state has seed {state['seed']}, this stream has seed {self.seed}"
            )
        self.epoch, self.shards = state["epoch"], state["shards"]
        self.samples = state["samples"]

    def __iter__(self):
        return iter(list(self._all()))

    def _all(self):
        shards = order(self.count, self.seed, self.epoch)
        while self.shards < self.count:
            number = shards[self.shards]
            samples = self.read(number)
            places = order(len(samples), self.seed, self.epoch, number)
            while self.samples < len(samples):
                self.samples += 1
                yield samples[places[self.samples - 1]]
            self.shards, self.samples = self.shards + 1, 0
        self.epoch, self.shards = self.epoch + 1, 0
