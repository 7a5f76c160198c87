# Moves the part until it lies inside the picture.
# hint: moved-inside
def crop_at(image, top, left, size, fill):
    _, height, width = image.shape
    top = min(max(top, 0), height - size)
    left = min(max(left, 0), width - size)
    return image[:, top : top + size, left : left + size]


def draw_place(height, width, size, padding, rng):
    top = rng.integers(-padding, height + padding - size + 1)
    left = rng.integers(-padding, width + padding - size + 1)
    return int(top), int(left)
