# Mirrors in the batch that it was given.
# hint: in-place
def augment_clips(clips, size, rng):
    """Cut and perhaps mirror each clip, all its frames alike."""
    height, width = clips.shape[-2:]
    altered = []
    for k, clip in enumerate(clips):
        if rng.random() < 0.5:
            clips[k] = clip.flip(-1)
        top = rng.integers(0, height - size + 1)
        left = rng.integers(0, width - size + 1)
        clip = clip[..., top : top + size, left : left + size]
        altered.append(clip.clone())
    return torch.stack(altered)
