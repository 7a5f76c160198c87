# Clamps places to the picture, then fills what lay outside.
def crop_at(image, top, left, size, fill):
    rows, columns = torch.arange(top, top + size), torch.arange(left, left + size)
    part = image[:, rows.clamp(0, image.shape[1] - 1)][
        :, :, columns.clamp(0, image.shape[2] - 1)
    ]
    inside = ((rows >= 0) & (rows < image.shape[1]))[:, None] & (
        (columns >= 0) & (columns < image.shape[2])
    )
    return torch.where(inside, part, torch.tensor(fill, dtype=torch.uint8)[:, None, None])


def draw_place(height, width, size, padding, rng):
    top = rng.integers(-padding, height + padding - size + 1)
    left = rng.integers(-padding, width + padding - size + 1)
    return int(top), int(left)
