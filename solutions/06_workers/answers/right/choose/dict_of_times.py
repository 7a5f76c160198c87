# A dict from settings to times, NumPy's median.
def choose(trials, batch_bytes, free):
    times = {}
    for trial in trials:
        if trial["ms"] is None:
            continue
        pair = trial["workers"], trial["prefetch"]
        batches = pair[0] * pair[1] + 2 if pair[0] > 0 else 0
        if batches * batch_bytes > free:
            continue
        times[pair] = np.median(trial["ms"])
    try:
        fastest = min(times.values())
    except ValueError:
        raise ValueError(f"{free} bytes are not enough for any of {len(trials)} trials") from None
    for pair in sorted(times):
        if times[pair] / fastest <= 1.1:
            return pair
