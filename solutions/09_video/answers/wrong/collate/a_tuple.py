# Returns a tuple.
# hint: no-dict
def collate_clips(samples, multiple):
    """Pad clips to a common length: a dict of frames, mask and labels."""
    longest = max(len(clip) for clip, _ in samples)
    length = longest // multiple * multiple
    _, channels, height, width = samples[0][0].shape
    frames = torch.zeros(len(samples), channels, length, height, width, dtype=torch.uint8)
    mask = torch.zeros(len(samples), length, dtype=torch.bool)
    for k, (clip, _) in enumerate(samples):
        frames[k, :, : len(clip)] = clip[:length].transpose(0, 1)
        mask[k, : len(clip)] = True
    labels = torch.tensor([label for _, label in samples])
    return frames, mask, labels
