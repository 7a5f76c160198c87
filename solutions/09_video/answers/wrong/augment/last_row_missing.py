# Never cuts at the last row.
# hint: last-place-missing
def augment_clips(clips, size, rng):
    """Cut and perhaps mirror each clip, all its frames alike."""
    height, width = clips.shape[-2:]
    altered = []
    for clip in clips:
        top = rng.integers(0, max(height - size, 1))
        left = rng.integers(0, max(width - size + 1, 1))
        clip = clip[..., top : top + size, left : left + size]
        altered.append(clip.flip(-1) if rng.random() < 0.5 else clip)
    return torch.stack(altered)
