# Changes the boxes that it was given.
# hint: in-place
def flip_and_crop(image, boxes, labels, flip, place, least):
    top, left, height, width = place
    if flip:
        image = image.flip(-1)
        boxes[:, [0, 2]] = image.shape[-1] - boxes[:, [2, 0]]
    before = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    boxes -= torch.tensor([left, top, left, top])
    boxes[:, [0, 2]] = boxes[:, [0, 2]].clamp(0, width)
    boxes[:, [1, 3]] = boxes[:, [1, 3]].clamp(0, height)
    kept = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) >= least * before
    return image[:, top : top + height, left : left + width], boxes[kept], labels[kept]
