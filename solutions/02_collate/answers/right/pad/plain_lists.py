# Pads plain lists, and makes tensors at the end.
import math


def pad_sentences(samples, multiple=1, at_most=None):
    rows = [words.tolist()[:at_most] for words, label in samples]
    width = math.ceil(max(map(len, rows)) / multiple) * multiple
    batch = {"words": [], "mask": [], "lengths": [], "labels": []}
    for row, (_, label) in zip(rows, samples):
        room = width - len(row)
        batch["words"].append(row + room * [0])
        batch["mask"].append(len(row) * [True] + room * [False])
        batch["lengths"].append(len(row))
        batch["labels"].append(label)
    return {name: np.array(values) for name, values in batch.items()}
