# Makes a tensor of a list, which is [0] where nothing is left.
# hint: no-box
def flip_and_crop(image, boxes, labels, flip, place, least):
    top, left, height, width = place
    whole = image.shape[2]
    if flip:
        image = image.flip(-1)
    kept, names = [], []
    for (a, b, c, d), name in zip(boxes.tolist(), labels.tolist()):
        if flip:
            a, c = whole - c, whole - a
        area = (c - a) * (d - b)
        a, c = (min(max(v - left, 0), width) for v in (a, c))
        b, d = (min(max(v - top, 0), height) for v in (b, d))
        if (c - a) * (d - b) >= least * area:
            kept.append([a, b, c, d])
            names.append(name)
    return (
        image[:, top : top + height, left : left + width],
        torch.tensor(kept),
        torch.tensor(names),
    )
