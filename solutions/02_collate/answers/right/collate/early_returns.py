# Plain loops, and the checks in helper functions of its own.
def refuse_different(values, place, what):
    for value in values[1:]:
        if value != values[0]:
            raise ValueError(f"{what} differ at {place}: {values[0]} against {value}")


def collate(samples, ragged=(), place="sample"):
    first = samples[0]
    if isinstance(first, dict):
        refuse_different([sorted(sample) for sample in samples], place, "keys")
        return {
            key: [sample[key] for sample in samples]
            if key in ragged
            else collate([sample[key] for sample in samples], ragged, f"{place}.{key}")
            for key in sorted(first)
        }
    if isinstance(first, (tuple, list)):
        refuse_different([len(sample) for sample in samples], place, "lengths")
        return tuple(
            collate([sample[i] for sample in samples], ragged, f"{place}.{i}")
            for i in range(len(first))
        )
    if isinstance(first, torch.Tensor):
        refuse_different([list(sample.shape) for sample in samples], place, "shapes")
        return torch.cat([sample.unsqueeze(0) for sample in samples])
    if isinstance(first, float):
        return torch.tensor(samples, dtype=torch.float64)
    if isinstance(first, (bool, int)):
        return torch.tensor(samples)
    return samples
