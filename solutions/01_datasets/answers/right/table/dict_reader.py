# Reads with DictReader, which marks cells that are too many or too few.
import math


class Table(Dataset):
    def __init__(self, path, features, target):
        self.samples = []
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, restkey="too many", restval=None)
            for row in reader:
                if "too many" in row or None in row.values():
                    raise ValueError(f"The row in line {reader.line_num} is not whole.")
                x = torch.tensor([float(row[name] or math.nan) for name in features])
                self.samples.append({"x": x, "y": row[target], "line": reader.line_num})
        self.classes = sorted({sample["y"] for sample in self.samples})
        for sample in self.samples:
            sample["y"] = self.classes.index(sample["y"])

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[int(index)]
