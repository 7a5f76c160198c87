class Batches:
    def __init__(self, dataset, batch_size, last="keep"):
        if batch_size < 1 or last not in ["keep", "drop", "share"]:
            raise ValueError(f"got batch_size={batch_size}, last={last}")
        self.dataset = dataset
        self.batch_size = batch_size
        self.last = last

    def chunks(self):
        indices = list(range(len(self.dataset)))
        chunks = []
        while indices:
            chunks.append(indices[: self.batch_size])
            indices = indices[self.batch_size :]
        if self.last == "drop" and chunks and len(chunks[-1]) < self.batch_size:
            chunks.pop()
        if self.last == "share" and chunks:
            chunks = [part.tolist() for part in np.array_split(np.arange(len(self.dataset)), len(chunks))]
        return chunks

    def sizes(self):
        return list(map(len, self.chunks()))

    def __len__(self):
        return len(self.chunks())

    def __iter__(self):
        for chunk in self.chunks():
            yield torch.stack([self.dataset[i] for i in chunk])
