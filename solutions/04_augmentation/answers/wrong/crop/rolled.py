# Lets what leaves on one side come in on the other.
# hint: wraps-around
def crop_at(image, top, left, size, fill):
    rows = [(top + r) % image.shape[1] for r in range(size)]
    columns = [(left + c) % image.shape[2] for c in range(size)]
    return image[:, rows][:, :, columns]


def draw_place(height, width, size, padding, rng):
    top = rng.integers(-padding, height + padding - size + 1)
    left = rng.integers(-padding, width + padding - size + 1)
    return int(top), int(left)
