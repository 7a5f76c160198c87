class batches:
    """An iterator that remembers the index that did not fit."""

    def __init__(self, order, sizes, budget, most=None, drop_last=False):
        self.rest, self.sizes, self.budget = iter(order), sizes, budget
        self.most, self.drop_last, self.waiting = most or float("inf"), drop_last, None

    def __iter__(self):
        return self

    def __next__(self):
        batch, room = [], self.budget
        if self.waiting is not None:
            batch, room = [self.waiting], room - self.sizes[self.waiting]
            self.waiting = None
        while len(batch) < self.most:
            index = next(self.rest, None)
            if index is None:
                if batch and not self.drop_last:
                    return batch
                raise StopIteration
            size = self.sizes[index]
            if size > self.budget:
                raise ValueError(
                    f"sample {index} of size {size}: the budget is {self.budget}"
                )
            if size > room:
                self.waiting = index
                return batch
            batch.append(index)
            room -= size
        return batch
