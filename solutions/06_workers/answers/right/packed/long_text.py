# One long text, and an array of the standard library.
from array import array


class Packed:
    def __init__(self, texts):
        self.all, self.ends, end = "".join(texts), array("q"), 0
        for text in texts:
            end += len(text)
            self.ends.append(end)

    def __len__(self):
        return len(self.ends)

    def __getitem__(self, index):
        n = len(self)
        if index < -n or index >= n:
            raise IndexError(index)
        if index < 0:
            index += n
        start = 0 if index == 0 else self.ends[index - 1]
        return self.all[start : self.ends[index]]
