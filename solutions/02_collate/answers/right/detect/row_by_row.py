# Loops over boxes, and takes care of the empty table.
def detection_batch(samples):
    rows, labels, images = [], [], []
    for k in range(len(samples)):
        image, boxes, names = samples[k]
        images.append(image)
        for box, name in zip(boxes.tolist(), names.tolist()):
            rows.append([k, *box])
            labels.append(name)
    table = torch.tensor(rows, dtype=torch.float32).reshape(len(rows), 5)
    return {
        "labels": torch.tensor(labels, dtype=torch.int64),
        "boxes": table,
        "images": images,
    }


def boxes_of(batch, k):
    found = [i for i, row in enumerate(batch["boxes"].tolist()) if row[0] == k]
    boxes = torch.zeros(len(found), 4)
    labels = torch.zeros(len(found), dtype=torch.int64)
    for place, i in enumerate(found):
        boxes[place] = batch["boxes"][i, 1:]
        labels[place] = batch["labels"][i]
    return boxes, labels
