# An array of objects.
# hint: many-objects
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        self.texts = np.array(texts, dtype=object)

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return self.texts[index]
