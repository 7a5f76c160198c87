# Turns with NumPy, and counts lines while it reads.
import numpy as np


class Album(Dataset):
    def __init__(self, manifest, transform=None):
        manifest = Path(manifest)
        self.entries = []
        with manifest.open(newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                self.entries.append(
                    (
                        manifest.parent / row["path"],
                        row["label"],
                        int(row["turns"]),
                        reader.line_num,
                    )
                )
        self.classes = sorted(set(label for _, label, _, _ in self.entries))
        self.label_number = {label: number for number, label in enumerate(self.classes)}
        self.transform = transform or (lambda image: image)

    def __len__(self):
        return len(self.entries)

    def __getitem__(self, i):
        path, label, turns, line = self.entries[i]
        try:
            pixels = np.asarray(Image.open(path).convert("RGB"))
        except OSError as problem:
            raise OSError(f"{path} (line {line}) can't be read: {problem}")
        upright = np.rot90(pixels, turns).transpose(2, 0, 1).copy()
        return self.transform(torch.from_numpy(upright)), self.label_number[label]
