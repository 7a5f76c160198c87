# Clamps after the gain, and again after the contrast.
# hint: clamped-early
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    lit = lit.clamp(0, 255 if images.dtype == torch.uint8 else 1)
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 1)
