# Crops first, and mirrors the crop.
# hint: crop-before-flip
def flip_and_crop(image, boxes, labels, flip, place, least):
    top, left, height, width = place
    image = image[:, top : top + height, left : left + width]
    x1, y1, x2, y2 = boxes.unbind(1)
    before = (x2 - x1) * (y2 - y1)
    x1, x2 = ((x - left).clamp(0, width) for x in (x1, x2))
    y1, y2 = ((y - top).clamp(0, height) for y in (y1, y2))
    kept = (x2 - x1) * (y2 - y1) >= least * before
    if flip:
        image = image.flip(-1)
        x1, x2 = width - x2, width - x1
    return image, torch.stack([x1, y1, x2, y2], dim=1)[kept], labels[kept]
