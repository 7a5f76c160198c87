# Slices, as if Python knew about borders.
# hint: smaller
def crop_at(image, top, left, size, fill):
    return image[:, top : top + size, left : left + size]


def draw_place(height, width, size, padding, rng):
    top = rng.integers(-padding, height + padding - size + 1)
    left = rng.integers(-padding, width + padding - size + 1)
    return int(top), int(left)
