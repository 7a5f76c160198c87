# Saves one place in the epoch, and knows the sizes of the finished shards.
def order(n, *numbers):
    """The numbers 0 … n-1 in an order that depends on `numbers` alone."""
    return np.random.default_rng(numbers).permutation(n).tolist()


class Stream:
    def __init__(self, read, count, seed):
        self.read, self.count, self.seed = read, count, seed
        self.here = (0, [], 0)  # epoch, finished shards, samples of the current one

    def state_dict(self):
        epoch, finished, samples = self.here
        return {"seed": self.seed, "where": [epoch, list(finished), samples]}

    def load_state_dict(self, state):
        if self.seed != state["seed"]:
            raise ValueError("seed " + str(self.seed) + " is not " + str(state["seed"]))
        self.here = tuple(state["where"])

    def __iter__(self):
        epoch, finished, samples = self.here
        for number in order(self.count, self.seed, epoch):
            if number in finished:
                continue
            loaded = self.read(number)
            for place in order(len(loaded), self.seed, epoch, number)[samples:]:
                samples += 1
                self.here = (epoch, finished, samples)
                yield loaded[place]
            finished, samples = [*finished, number], 0
            self.here = (epoch, finished, samples)
        self.here = (epoch + 1, [], 0)
