# Clamps floats to the range of bytes.
# hint: floats-too-bright
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 255)
