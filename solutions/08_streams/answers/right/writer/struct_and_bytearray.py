# Collects a shard in a bytearray; struct makes the lengths.
import struct


class Writer:
    def __init__(self, folder, most, limit):
        self.folder = folder
        self.most = most
        self.limit = limit
        self.index = []
        self.names = []
        self.buffer = bytearray()
        self.inside = 0

    def flush(self):
        if not self.inside:
            return
        name = "shard-" + str(len(self.names)).zfill(3) + ".bin"
        (self.folder / name).write_bytes(self.buffer)
        self.names.append(name)
        self.buffer.clear()
        self.inside = 0

    def add(self, payload):
        if self.inside == self.most or len(self.buffer) + 4 + len(payload) > self.limit:
            self.flush()
        self.buffer += struct.pack("<I", len(payload))
        self.index.append((len(self.names), len(self.buffer), len(payload)))
        self.buffer += payload
        self.inside += 1

    def close(self):
        self.flush()
        entries = [[self.names[k], offset, length] for k, offset, length in self.index]
        (self.folder / "index.json").write_text(json.dumps(entries))
