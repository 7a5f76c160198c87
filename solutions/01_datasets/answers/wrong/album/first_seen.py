# Numbers the labels in the order of the manifest.
# hint: first-seen
class Album(Dataset):
    """Pictures listed in a manifest, decoded when they are asked for: (uint8 [3, H, W], label)."""

    def __init__(self, manifest, transform=None):
        self.folder = Path(manifest).parent
        self.transform = transform
        with open(manifest, newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))
        self.classes = list(dict.fromkeys(row["label"] for row in self.rows))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        position = range(len(self.rows))[int(index)]  # a range behaves as a list does
        row = self.rows[position]
        try:
            image = read_photo(self.folder / row["path"])
        except OSError as error:
            raise OSError(
                f"line {position + 2}: can't read {row['path']}: {error}"
            ) from error
        image = torch.rot90(image, int(row["turns"]), dims=(1, 2))
        if self.transform is not None:
            image = self.transform(image)
        return image, self.classes.index(row["label"])
