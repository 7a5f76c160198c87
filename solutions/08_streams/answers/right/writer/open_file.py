# Writes into an open file, and asks it where it stands.
class Writer:
    """Samples (bytes) → shards of records with at most `most` records and `limit` bytes, and an index."""

    def __init__(self, folder, most, limit):
        self.folder, self.most, self.limit = Path(folder), most, limit
        self.index = []  # [name, offset, length] of each sample
        self.file, self.count, self.number = None, 0, 0

    def add(self, payload):
        size = 4 + len(payload)
        if self.file and (self.count >= self.most or self.file.tell() + size > self.limit):
            self.file.close()
            self.file = None
        if self.file is None:
            self.name = f"shard-{self.number:03d}.bin"
            self.file = open(self.folder / self.name, "wb")
            self.number, self.count = self.number + 1, 0
        self.file.write(len(payload).to_bytes(4, "little"))
        self.index.append((self.name, self.file.tell(), len(payload)))
        self.file.write(payload)
        self.count += 1

    def close(self):
        if self.file:
            self.file.close()
            self.file = None
        with open(self.folder / "index.json", "w") as text:
            json.dump(self.index, text)
