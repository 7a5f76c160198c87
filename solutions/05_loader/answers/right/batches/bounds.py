import math


class Batches:
    def __init__(self, dataset, batch_size, last="keep"):
        if batch_size <= 0:
            raise ValueError("batch_size: " + str(batch_size))
        if last not in {"keep", "drop", "share"}:
            raise ValueError("last: " + last)
        self.dataset, self.batch_size, self.last = dataset, batch_size, last

    def sizes(self):
        return [stop - start for start, stop in self.bounds()]

    def bounds(self):
        n = len(self.dataset)
        count = n // self.batch_size if self.last == "drop" else math.ceil(n / self.batch_size)
        if self.last == "share":
            # Rounded up, so that larger parts come first.
            edges = [-(-n * k // count) for k in range(count + 1)] if count else [0]
            if n == 0:
                return []
            base, extra = n // count, n % count
            edges = [k * base + min(k, extra) for k in range(count + 1)]
        else:
            edges = [min(n, k * self.batch_size) for k in range(count + 1)]
        return list(zip(edges, edges[1:]))

    def __len__(self):
        return len(self.bounds())

    def __iter__(self):
        return (torch.stack([self.dataset[i] for i in range(a, b)]) for a, b in self.bounds())
