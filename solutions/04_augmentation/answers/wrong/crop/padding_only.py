# Forgets the size: the part may leave the border.
# hint: too-far
def crop_at(image, top, left, size, fill):
    _, height, width = image.shape
    out = torch.tensor(fill, dtype=image.dtype)[:, None, None].repeat(1, size, size)
    y1, y2 = max(top, 0), min(top + size, height)
    x1, x2 = max(left, 0), min(left + size, width)
    if y1 < y2 and x1 < x2:
        out[:, y1 - top : y2 - top, x1 - left : x2 - left] = image[:, y1:y2, x1:x2]
    return out


def draw_place(height, width, size, padding, rng):
    top = rng.integers(-padding, height + padding)
    left = rng.integers(-padding, width + padding)
    return int(top), int(left)
