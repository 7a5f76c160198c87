# Returns a list where shapes differ, without a word.
# hint: silent-list
def collate(samples, ragged=(), place="sample"):
    """Samples → one batch of the same structure; what stands under a key in `ragged` stays a list."""
    first = samples[0]
    if isinstance(first, dict):
        # Refuse keys that differ. Then make a dict: under each key a plain list, or what collate makes of the values.
        for sample in samples:
            if set(sample) != set(first):
                raise ValueError(
                    f"{place}: not all samples have {sorted(set(sample) ^ set(first))}"
                )
        batch = {}
        for key in first:
            values = [sample[key] for sample in samples]
            batch[key] = (
                values if key in ragged else collate(values, ragged, f"{place}[{key!r}]")
            )
        return batch
    if isinstance(first, (tuple, list)):
        # Refuse lengths that differ. Then make a list with an entry for each place.
        lengths = [len(sample) for sample in samples]
        if len(set(lengths)) > 1:
            raise ValueError(f"{place} has different lengths: {lengths}")
        columns = zip(*samples, strict=True)
        return [
            collate(list(column), ragged, f"{place}[{i}]")
            for i, column in enumerate(columns)
        ]
    if isinstance(first, torch.Tensor):
        # Refuse shapes that differ. Then stack.
        for sample in samples:
            if sample.shape != first.shape:
                return samples
        return torch.stack(samples)
    if isinstance(first, float):
        return torch.tensor(samples, dtype=torch.float64)
    if isinstance(first, (bool, int)):
        return torch.tensor(samples)
    return samples  # texts, and whatever else can't be a tensor
