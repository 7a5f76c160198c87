# With the tools of torchvision, and a small helper.
from torchvision.ops import box_area, clip_boxes_to_image


def mirrored(boxes, width):
    boxes = boxes.clone()
    boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
    return boxes


def flip_and_crop(image, boxes, labels, flip, place, least):
    if flip:
        image, boxes = (
            v2.functional.horizontal_flip(image),
            mirrored(boxes, image.shape[-1]),
        )
    moved = boxes - torch.tensor([place[1], place[0], place[1], place[0]])
    inside = clip_boxes_to_image(moved, (place[2], place[3]))
    good = torch.nonzero(box_area(inside) / box_area(boxes) >= least).flatten()
    return v2.functional.crop(image, *place), inside[good], labels[good]
