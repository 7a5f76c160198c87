# In NumPy.
def collate_clips(samples, multiple):
    time = multiple
    while time < max(len(frames) for frames, _ in samples):
        time += multiple
    t, c, h, w = samples[0][0].shape
    out = np.zeros((len(samples), time, c, h, w), dtype=np.uint8)
    mask = np.zeros((len(samples), time), dtype=bool)
    for row, (frames, _) in enumerate(samples):
        out[row, : len(frames)] = frames
        mask[row, : len(frames)] = 1
    labels = np.array([label for _, label in samples], dtype=np.int64)
    return {"frames": out.transpose(0, 2, 1, 3, 4), "mask": mask, "labels": labels}
