# Takes a measured 0 for a missing value.
# hint: zero-is-unknown
def window_batch(samples, steps):
    """{"past": [t, F], "target": float} each → {"past": [B, steps, F], "mask": [B, steps, F], "target": [B]}."""
    features = samples[0]["past"].shape[1]
    window = torch.full((len(samples), steps, features), torch.nan)
    for row, sample in zip(window, samples, strict=True):
        newest = sample["past"][max(len(sample["past"]) - steps, 0) :]
        row[steps - len(newest) :] = newest
    mask = window.nan_to_num() != 0
    return {
        "past": torch.where(mask, window, 0.0),
        "mask": mask,
        "target": torch.tensor(
            [sample["target"] for sample in samples], dtype=torch.float32
        ),
    }
