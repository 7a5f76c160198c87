# One limit after the other.
def most_workers(present, allowed, cpu_maxes, batches, free, each):
    best = float(present)
    if allowed is not None and len(allowed) < best:
        best = len(allowed)
    for text in cpu_maxes:
        parts = text.strip().split(" ")
        if parts[0] == "max":
            continue
        best = min(best, float(parts[0]) / float(parts[1]))
    best = int(np.ceil(best))
    if batches < best:
        best = batches
    while best > 0 and best * each > free / 2:
        best -= 1
    return best
