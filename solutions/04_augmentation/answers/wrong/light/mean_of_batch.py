# Takes one mean for the whole batch.
# hint: mean-of-batch
def relight(images, gains, contrasts):
    lit = images.float() * gains[:, None, None, None]
    mean = lit.mean()
    changed = mean + contrasts[:, None, None, None] * (lit - mean)
    if images.dtype == torch.uint8:
        return changed.round().clamp(0, 255).to(torch.uint8)
    return changed.clamp(0, 1)
