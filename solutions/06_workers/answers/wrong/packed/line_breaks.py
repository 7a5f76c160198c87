# Puts a line break between texts.
# hint: letters-eaten
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        self.n, self.text = len(texts), "\n".join(texts)

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return self.text.split("\n")[: self.n][index]
