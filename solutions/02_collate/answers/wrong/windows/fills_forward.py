# Repeats the value of the day before.
# hint: filled-up
def window_batch(samples, steps):
    """{"past": [t, F], "target": float} each → {"past": [B, steps, F], "mask": [B, steps, F], "target": [B]}."""
    features = samples[0]["past"].shape[1]
    window = torch.full((len(samples), steps, features), torch.nan)
    for row, sample in zip(window, samples, strict=True):
        newest = sample["past"][max(len(sample["past"]) - steps, 0) :].clone()
        for day in range(1, len(newest)):
            gap = newest[day].isnan()
            newest[day][gap] = newest[day - 1][gap]
        row[steps - len(newest) :] = newest
    mask = ~window.isnan()
    return {
        "past": torch.where(mask, window, 0.0),
        "mask": mask,
        "target": torch.tensor(
            [sample["target"] for sample in samples], dtype=torch.float32
        ),
    }
