# Repeats the edge in place of the fill.
# hint: wraps-around
def crop_at(image, top, left, size, fill):
    rows = torch.arange(top, top + size).clamp(0, image.shape[1] - 1)
    columns = torch.arange(left, left + size).clamp(0, image.shape[2] - 1)
    return image[:, rows][:, :, columns]


def draw_place(height, width, size, padding, rng):
    top = rng.integers(-padding, height + padding - size + 1)
    left = rng.integers(-padding, width + padding - size + 1)
    return int(top), int(left)
