# Computes x2 from the x1 that was just overwritten.
# hint: overwritten
def flip_and_crop(image, boxes, labels, flip, place, least):
    top, left, height, width = place
    boxes = boxes.clone()
    if flip:
        image = image.flip(-1)
        boxes[:, 0] = image.shape[-1] - boxes[:, 2]
        boxes[:, 2] = image.shape[-1] - boxes[:, 0]
    before = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    boxes = boxes - torch.tensor([left, top, left, top])
    boxes = torch.stack(
        [
            boxes[:, 0].clamp(0, width),
            boxes[:, 1].clamp(0, height),
            boxes[:, 2].clamp(0, width),
            boxes[:, 3].clamp(0, height),
        ],
        dim=1,
    )
    kept = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) >= least * before
    return image[:, top : top + height, left : left + width], boxes[kept], labels[kept]
