# With torch's pad_sequence and a few more black frames.
from torch.nn.utils.rnn import pad_sequence


def collate_clips(samples, multiple):
    clips, labels = zip(*samples)
    frames = pad_sequence(list(clips), batch_first=True)
    more = -frames.shape[1] % multiple
    black = frames.new_zeros(len(clips), more, *frames.shape[2:])
    frames = torch.cat([frames, black], dim=1).movedim(1, 2)
    mask = pad_sequence(
        [torch.ones(len(c), dtype=torch.bool) for c in clips], batch_first=True
    )
    mask = torch.nn.functional.pad(mask, (0, more))
    return {"frames": frames, "mask": mask, "labels": torch.tensor(labels)}
