# Two NumPy arrays, filled day by day from the end.
def window_batch(samples, steps):
    shape = (len(samples), steps, samples[0]["past"].shape[1])
    past, mask = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=bool)
    for k, sample in enumerate(samples):
        for back, day in enumerate(reversed(sample["past"].tolist()[-steps:]), start=1):
            for f, value in enumerate(day):
                if not np.isnan(value):
                    past[k, steps - back, f] = value
                    mask[k, steps - back, f] = True
    return {
        "past": past,
        "mask": mask,
        "target": np.array([s["target"] for s in samples], np.float32),
    }
