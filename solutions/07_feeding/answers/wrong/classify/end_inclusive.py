# Counts the last millisecond of a bar as well.
# hint: one-too-many
def classify(trace):
    """The share of each part in a trace, and the part that limits it."""
    first = min(begin for _, begin, _ in trace)
    last = max(end for _, _, end in trace)
    counts = {"data": 0, "copy": 0, "compute": 0, "idle": 0}
    for moment in range(first, last + 1):
        active = {part for part, begin, end in trace if begin <= moment <= end}
        for part in ("compute", "copy", "data", "idle"):
            if part in active or part == "idle":
                counts[part] += 1
                break
    shares = {part: count / (last - first) for part, count in counts.items()}
    if shares["compute"] > 0.9:
        return shares, "compute"
    return shares, max(("data", "copy", "idle"), key=shares.get)
