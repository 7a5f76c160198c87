# A class with __next__.
class _Mixed:
    def __init__(self, items, size, late, seed):
        self.items, self.size, self.late = enumerate(items), size, late
        self.dice = random.Random(seed)
        self.held, self.gone = [], 0

    def __iter__(self):
        return self

    def __next__(self):
        for pair in self.items:
            self.held.append(pair)
            if len(self.held) == self.size:
                break
        if not self.held:
            raise StopIteration
        urgent = self.gone == self.held[0][0] + self.late
        pair = self.held[0] if urgent else self.dice.choice(self.held)
        self.held = [one for one in self.held if one is not pair]
        self.gone += 1
        return pair[1]


def mixed(items, size, late, seed):
    return _Mixed(items, size, late, seed)
