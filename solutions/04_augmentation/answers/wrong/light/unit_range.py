# Brings bytes into the range of floats.
# hint: range-of-floats
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    return changed.clamp(0, 1).to(images.dtype)
