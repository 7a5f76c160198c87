# Makes a generator of its own.
# hint: seed-ignored
def augment_clips(clips, size, rng):
    """Cut and perhaps mirror each clip, all its frames alike."""
    rng = np.random.default_rng(0)
    height, width = clips.shape[-2:]
    altered = []
    for clip in clips:
        top = rng.integers(0, height - size + 1)
        left = rng.integers(0, width - size + 1)
        clip = clip[..., top : top + size, left : left + size]
        altered.append(clip.flip(-1) if rng.random() < 0.5 else clip)
    return torch.stack(altered)
