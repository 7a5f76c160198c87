# Asks for the mean of bytes.
# hint: mean-of-bytes
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = images.mean(dim=(1, 2, 3), keepdim=True) * gains[:, None, None, None]
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 1)
