# An iterator with __next__ that moves the stream on.
def order(n, *numbers):
    """The numbers 0 … n-1 in an order that depends on `numbers` alone."""
    return np.random.default_rng(numbers).permutation(n).tolist()


class _Loop:
    def __init__(self, stream):
        self.stream = stream
        self.loaded = None

    def __iter__(self):
        return self

    def __next__(self):
        stream = self.stream
        while stream.at[1] < stream.count:
            epoch, shard, sample = stream.at
            number = order(stream.count, stream.seed, epoch)[shard]
            if self.loaded is None:
                self.loaded = stream.read(number)
            if sample < len(self.loaded):
                stream.at = [epoch, shard, sample + 1]
                return self.loaded[
                    order(len(self.loaded), stream.seed, epoch, number)[sample]
                ]
            self.loaded = None
            stream.at = [epoch, shard + 1, 0]
        stream.at = [stream.at[0] + 1, 0, 0]
        raise StopIteration


class Stream:
    def __init__(self, read, count, seed):
        self.read, self.count, self.seed = read, count, seed
        self.at = [0, 0, 0]

    def state_dict(self):
        return {"at": list(self.at), "seed": self.seed}

    def load_state_dict(self, state):
        if state["seed"] != self.seed:
            raise ValueError(f"{state['seed']} != {self.seed}")
        self.at = list(state["at"])

    def __iter__(self):
        return _Loop(self)
