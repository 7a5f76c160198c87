# Asks for each point whether there is a picture; the place comes from a list of all places.
def crop_at(image, top, left, size, fill):
    channels, height, width = image.shape
    out = torch.empty(channels, size, size, dtype=torch.uint8)
    for r in range(size):
        for c in range(size):
            inside = 0 <= top + r < height and 0 <= left + c < width
            out[:, r, c] = image[:, top + r, left + c] if inside else torch.tensor(fill)
    return out


def draw_place(height, width, size, padding, rng):
    tops = range(-padding, height + padding - size + 1)
    lefts = range(-padding, width + padding - size + 1)
    k = int(rng.integers(len(tops) * len(lefts)))
    return tops[k // len(lefts)], lefts[k % len(lefts)]
