# Loops over boxes with plain numbers.
def flip_and_crop(image, boxes, labels, flip, place, least):
    top, left, height, width = place
    whole = image.shape[2]
    if flip:
        image = torch.flip(image, dims=[2])
    kept, names = [], []
    for box, name in zip(boxes.tolist(), labels.tolist()):
        a, b, c, d = box
        if flip:
            a, c = whole - c, whole - a
        area = (c - a) * (d - b)
        a, c = (min(max(v - left, 0), width) for v in (a, c))
        b, d = (min(max(v - top, 0), height) for v in (b, d))
        if (c - a) * (d - b) / area >= least:
            kept.append([a, b, c, d])
            names.append(name)
    found = torch.tensor(kept, dtype=torch.float32).reshape(-1, 4)
    return (
        image[:, top : top + height, left : left + width],
        found,
        torch.tensor(names, dtype=torch.int64),
    )
