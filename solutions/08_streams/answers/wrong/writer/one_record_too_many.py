# Asks whether there are more than `most`, before the next one is added.
# hint: one-record-too-many
class Writer:
    """Samples (bytes) → shards of records with at most `most` records and `limit` bytes, and an index."""

    def __init__(self, folder, most, limit):
        self.folder, self.most, self.limit = Path(folder), most, limit
        self.index = []  # [name, offset, length] of each sample
        self.shard = 0  # the number of the current shard
        self.records, self.size = [], 0

    def add(self, payload):
        record = len(payload).to_bytes(4, "little") + payload
        too_large = self.size + len(record) > self.limit
        if self.records and (too_large or len(self.records) > self.most):
            self._finish()
        self.index.append([self._name(), self.size + 4, len(payload)])
        self.records.append(record)
        self.size += len(record)

    def close(self):
        if self.records:
            self._finish()
        (self.folder / "index.json").write_text(json.dumps(self.index))

    def _name(self):
        return f"shard-{self.shard:03d}.bin"

    def _finish(self):
        (self.folder / self._name()).write_bytes(b"".join(self.records))
        self.shard += 1
        self.records, self.size = [], 0
