# A rectangle, as wide as the longest text.
# hint: all-as-long
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        pieces = [text.encode() for text in texts]
        self.lengths = np.array([len(piece) for piece in pieces], dtype=np.int64)
        self.data = np.zeros((len(pieces), max(self.lengths, default=0)), dtype=np.uint8)
        for row, piece in zip(self.data, pieces):
            row[: len(piece)] = list(piece)

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.data[index, : self.lengths[index]].tobytes().decode()
