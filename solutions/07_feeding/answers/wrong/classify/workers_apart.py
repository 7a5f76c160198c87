# Counts each worker's bar by itself.
# hint: counted-twice
def classify(trace):
    first = min(begin for _, begin, _ in trace)
    last = max(end for _, _, end in trace)
    counts = {"data": 0, "copy": 0, "compute": 0, "idle": 0}
    for moment in range(first, last):
        active = [part for part, begin, end in trace if begin <= moment < end]
        for part in ("compute", "copy", "data"):
            if part in active:
                counts[part] += active.count(part)
                break
        else:
            counts["idle"] += 1
    shares = {part: count / (last - first) for part, count in counts.items()}
    if shares["compute"] > 0.9:
        return shares, "compute"
    return shares, max(("data", "copy", "idle"), key=shares.get)
