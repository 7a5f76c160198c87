# Cuts alike, but mirrors frame by frame.
# hint: draws-for-each-frame
def augment_clips(clips, size, rng):
    """Cut and perhaps mirror each clip, all its frames alike."""
    height, width = clips.shape[-2:]
    altered = []
    for clip in clips:
        top = rng.integers(0, height - size + 1)
        left = rng.integers(0, width - size + 1)
        clip = clip[..., top : top + size, left : left + size]
        altered.append(torch.stack([f.flip(-1) if rng.random() < 0.5 else f for f in clip]))
    return torch.stack(altered)
