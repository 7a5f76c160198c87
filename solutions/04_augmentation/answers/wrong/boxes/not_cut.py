# Moves boxes, and lets them reach beyond the crop.
# hint: not-cut
def flip_and_crop(image, boxes, labels, flip, place, least):
    top, left, height, width = place
    if flip:
        image = image.flip(-1)
        boxes = torch.stack(
            [
                image.shape[-1] - boxes[:, 2],
                boxes[:, 1],
                image.shape[-1] - boxes[:, 0],
                boxes[:, 3],
            ],
            dim=1,
        )
    moved = boxes - torch.tensor([left, top, left, top])
    inside_x = moved[:, 2].clamp(0, width) - moved[:, 0].clamp(0, width)
    inside_y = moved[:, 3].clamp(0, height) - moved[:, 1].clamp(0, height)
    kept = inside_x * inside_y >= least * (boxes[:, 2] - boxes[:, 0]) * (
        boxes[:, 3] - boxes[:, 1]
    )
    return image[:, top : top + height, left : left + width], moved[kept], labels[kept]
