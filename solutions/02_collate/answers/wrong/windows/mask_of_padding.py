# The mask knows the padding only, not the failures.
# hint: failure-unseen
def window_batch(samples, steps):
    features = samples[0]["past"].shape[1]
    past = torch.zeros(len(samples), steps, features)
    mask = torch.zeros(len(samples), steps, features, dtype=torch.bool)
    for k, sample in enumerate(samples):
        n = min(len(sample["past"]), steps)
        if n > 0:
            past[k, -n:] = torch.nan_to_num(sample["past"][-n:])
            mask[k, -n:] = True
    target = torch.tensor([sample["target"] for sample in samples])
    return {"past": past, "mask": mask, "target": target}
