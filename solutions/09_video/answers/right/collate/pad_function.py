# Pads each clip with torch's pad.
def collate_clips(samples, multiple):
    lengths = torch.tensor([len(frames) for frames, _ in samples])
    top = -(-int(lengths.max()) // multiple) * multiple
    padded = [
        torch.nn.functional.pad(
            frames.permute(1, 0, 2, 3), (0, 0, 0, 0, 0, top - len(frames))
        )
        for frames, _ in samples
    ]
    return dict(
        frames=torch.stack(padded),
        mask=torch.arange(top) < lengths[:, None],
        labels=torch.LongTensor([label for _, label in samples]),
    )
