# Puts blanks between texts, and splits.
# hint: split-apart
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        self.n, self.text = len(texts), " ".join(texts)

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return self.text.split()[index]
