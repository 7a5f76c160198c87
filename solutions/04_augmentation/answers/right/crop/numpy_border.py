# Builds a border in NumPy that is wide enough, and draws both numbers at once.
def crop_at(image, top, left, size, fill):
    height, width = image.shape[1:]
    b = size + abs(top) + abs(left)
    big = np.empty((len(fill), height + 2 * b, width + 2 * b), dtype=np.uint8)
    big[:] = np.array(fill)[:, None, None]
    big[:, b : b + height, b : b + width] = image
    return big[:, b + top : b + top + size, b + left : b + left + size]


def draw_place(height, width, size, padding, rng):
    last = [height + padding - size, width + padding - size]
    return tuple(rng.integers(-padding, last, endpoint=True).tolist())
