# Draws once for the batch.
# hint: one-draw-for-all
def augment_clips(clips, size, rng):
    height, width = clips.shape[-2:]
    top = rng.integers(0, height - size + 1)
    left = rng.integers(0, width - size + 1)
    part = clips[..., top : top + size, left : left + size].clone()
    return part.flip(-1) if rng.random() < 0.5 else part
