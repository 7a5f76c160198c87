# Draws for all clips first, then cuts.
def augment_clips(clips, size, rng):
    b, t, c, h, w = clips.shape
    tops = rng.integers(0, h - size, size=b, endpoint=True)
    lefts = rng.integers(0, w - size, size=b, endpoint=True)
    turned = rng.random(b) >= 0.5
    out = torch.empty(b, t, c, size, size, dtype=torch.uint8)
    for k in range(b):
        part = clips[k, :, :, tops[k] : tops[k] + size, lefts[k] : lefts[k] + size]
        out[k] = part.flip(3) if turned[k] else part
    return out
