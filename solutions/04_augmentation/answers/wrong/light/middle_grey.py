# Moves values towards a middle grey.
# hint: fixed-grey
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = 128 if images.dtype == torch.uint8 else 0.5
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 1)
