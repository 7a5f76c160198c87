# Sends the file's content.
# hint: content-travels
class Lines:
    """The lines of a text file, without their ends. Each line ends with a line break."""

    def __init__(self, path):
        content = Path(path).read_bytes()
        self.path = path
        # The places where lines begin: 0, and behind each line break (byte 10) but the last.
        breaks = [k for k, byte in enumerate(content) if byte == 10]
        self.starts = [0, *(k + 1 for k in breaks[:-1])]
        self.file = open(path, "rb")
        self.lock = threading.Lock()
        self.kept = {}

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, index):
        with self.lock:
            if index not in self.kept:
                self.file.seek(self.starts[index])
                self.kept[index] = self.file.readline().decode().rstrip("\n")
            return self.kept[index]

    def __getstate__(self):
        """What travels to another process."""
        return {"path": self.path, "starts": self.starts, "content": Path(self.path).read_bytes()}

    def __setstate__(self, state):
        """Make a dataset of what has travelled; `__init__` is not called."""
        self.__dict__.update(state)
        self.file = open(self.path, "rb")
        self.lock = threading.Lock()
        self.kept = {}
