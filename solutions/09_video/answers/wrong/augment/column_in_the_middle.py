# Draws the row, and takes the column in the middle.
# hint: one-of-two-drawn
def augment_clips(clips, size, rng):
    """Cut and perhaps mirror each clip, all its frames alike."""
    height, width = clips.shape[-2:]
    altered = []
    for clip in clips:
        top, left = rng.integers(0, height - size + 1), (width - size) // 2
        clip = clip[..., top : top + size, left : left + size]
        altered.append(clip.flip(-1) if rng.random() < 0.5 else clip)
    return torch.stack(altered)
