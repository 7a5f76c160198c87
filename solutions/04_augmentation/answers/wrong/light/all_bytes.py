# Treats floats as bytes.
# hint: floats-to-bytes
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = lit.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    return changed.round().clamp(0, 255).to(torch.uint8)
