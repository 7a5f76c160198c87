# Uses the contrast as a second gain.
# hint: contrast-is-gain
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = contrasts[:, None, None, None] * lit
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 1)
