# Puts only the first level together: what is nested stays a list.
# hint: one-level
def collate(samples, ragged=(), place="sample"):
    first = samples[0]
    if isinstance(first, dict):
        for sample in samples:
            if set(sample) != set(first):
                raise ValueError(f"{place}: keys differ: {set(sample) ^ set(first)}")
        batch = {}
        for key in first:
            values = [sample[key] for sample in samples]
            if key not in ragged and isinstance(first[key], torch.Tensor):
                values = torch.stack(values)
            batch[key] = values
        return batch
    if isinstance(first, (tuple, list)):
        if len({len(sample) for sample in samples}) > 1:
            raise ValueError(f"{place}: lengths differ")
        return [
            torch.tensor(column) if isinstance(column[0], int) else list(column)
            for column in zip(*samples)
        ]
    if isinstance(first, torch.Tensor):
        return torch.stack(samples)
    return torch.tensor(samples)
