# Pattern matching; the leaves are PyTorch's work.
def collate(samples, ragged=(), place="sample"):
    match samples[0]:
        case dict():
            every, some = (
                set.intersection(*map(set, samples)),
                set.union(*map(set, samples)),
            )
            if every != some:
                raise ValueError(f"at {place}, not everyone has {some - every}")
            below = {key: [sample[key] for sample in samples] for key in every}
            return {
                key: v if key in ragged else collate(v, ragged, f"{place}/{key}")
                for key, v in below.items()
            }
        case tuple() | list():
            return [
                collate(column, ragged, f"{place}/{i}")
                for i, column in enumerate(zip(*samples, strict=True))
            ]
        case torch.Tensor():
            shapes = {tuple(sample.shape) for sample in samples}
            if len(shapes) > 1:
                raise ValueError(f"{place} has several shapes: {shapes}")
            return torch.stack(list(samples))
        case _:
            return default_collate(list(samples))
