# PyTorch's tensors, with a 0 in front of the ends.
class Packed:
    def __init__(self, texts):
        pieces = [text.encode("utf-8") for text in texts]
        lengths = torch.tensor([0, *map(len, pieces)], dtype=torch.int64)
        self.offsets = lengths.cumsum(0)
        self.data = torch.tensor(list(b"".join(pieces)), dtype=torch.uint8)

    def __len__(self):
        return len(self.offsets) - 1

    def __getitem__(self, index):
        index = range(len(self))[index]
        begin, end = self.offsets[index : index + 2].tolist()
        return bytes(self.data[begin:end].tolist()).decode("utf-8")
