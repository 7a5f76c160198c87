# Writes to [-n:], which is everything where n is 0.
# hint: minus-zero
def window_batch(samples, steps):
    features = samples[0]["past"].shape[1]
    window = torch.full((len(samples), steps, features), float("nan"))
    for row, sample in zip(window, samples):
        n = min(len(sample["past"]), steps)
        row[-n:] = sample["past"][-n:]
    mask = ~window.isnan()
    target = torch.tensor([sample["target"] for sample in samples])
    return {"past": window.nan_to_num(), "mask": mask, "target": target}
