# NumPy's array of texts: each as long as the longest, NULs cut off.
# hint: letters-eaten
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        self.texts = np.array(texts, dtype=str)

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return str(self.texts[index])
