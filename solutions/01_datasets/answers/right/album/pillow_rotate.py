# Lets Pillow turn the picture, and gives the label as a tensor.
class Album(Dataset):
    def __init__(self, manifest, transform=None):
        with open(manifest, newline="") as file:
            _, *self.rows = csv.reader(file)
        self.root = Path(manifest).resolve().parent
        self.transform = transform
        self.classes = sorted(set(row[1] for row in self.rows))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        index = int(index)
        if index < 0:
            index = index + len(self)
        if index < 0 or index >= len(self):
            raise IndexError("no such picture")
        name, label, turns = self.rows[index]
        try:
            with Image.open(self.root / name) as picture:
                picture = picture.convert("RGB").rotate(90 * int(turns), expand=True)
        except Exception as error:
            raise OSError(f"manifest line {index + 2}, {name}: {error}") from error
        image = torch.tensor(list(picture.tobytes()), dtype=torch.uint8).reshape(
            picture.height, picture.width, 3
        )
        image = image.permute(2, 0, 1)
        if self.transform:
            image = self.transform(image)
        return image, torch.tensor(self.classes.index(label))
