# Pads, but never cuts a past that is too long.
# hint: too-long
def window_batch(samples, steps):
    features = samples[0]["past"].shape[1]
    window = torch.full((len(samples), steps, features), float("nan"))
    for row, sample in zip(window, samples):
        row[steps - len(sample["past"]) :] = sample["past"]
    mask = ~window.isnan()
    target = torch.tensor([sample["target"] for sample in samples])
    return {"past": window.nan_to_num(), "mask": mask, "target": target}
