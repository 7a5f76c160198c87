# Joins texts as if they were bytes.
# hint: bytes-expected
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        pieces = texts
        self.data = np.frombuffer(b"".join(pieces), dtype=np.uint8)
        self.ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)

    def __len__(self):
        return len(self.ends)

    def __getitem__(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(f"there is no text {index}; there are {len(self)}")
        index %= len(self)
        begin = self.ends[index - 1] if index else 0
        return self.data[begin : self.ends[index]].tobytes().decode()
