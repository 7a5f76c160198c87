# Stacks clips as they are.
# hint: stacked
def collate_clips(samples, multiple):
    frames = torch.stack([clip for clip, _ in samples]).transpose(1, 2)
    mask = torch.ones(len(samples), frames.shape[2], dtype=torch.bool)
    return {"frames": frames, "mask": mask, "labels": torch.tensor([y for _, y in samples])}
