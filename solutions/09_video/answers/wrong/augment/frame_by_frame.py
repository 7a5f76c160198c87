# Draws for each frame.
# hint: draws-for-each-frame
def augment_clips(clips, size, rng):
    height, width = clips.shape[-2:]
    altered = []
    for clip in clips:
        frames = []
        for frame in clip:
            top = rng.integers(0, height - size + 1)
            left = rng.integers(0, width - size + 1)
            frame = frame[..., top : top + size, left : left + size]
            frames.append(frame.flip(-1) if rng.random() < 0.5 else frame)
        altered.append(torch.stack(frames))
    return torch.stack(altered)
