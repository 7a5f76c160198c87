# A list of bytes.
# hint: many-objects
class Packed:
    """Texts in few objects, so that forked workers share their memory."""

    def __init__(self, texts):
        self.texts = tuple(text.encode() for text in texts)

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return self.texts[index].decode()
