# In NumPy, frame by frame with the clip's draws.
def augment_clips(clips, size, rng):
    out = []
    for clip in clips.numpy():
        top = rng.choice(clip.shape[-2] - size + 1)
        left = rng.choice(clip.shape[-1] - size + 1)
        side = rng.choice([1, -1])
        out.append([f[:, top : top + size, left : left + size][:, :, ::side] for f in clip])
    return np.array(out)
