# Takes the end of the last bar in the list.
# hint: last-in-list
def classify(trace):
    """The share of each part in a trace, and the part that limits it."""
    first = trace[0][1]
    last = trace[-1][2]
    counts = {"data": 0, "copy": 0, "compute": 0, "idle": 0}
    first, last = min(first, last), max(first, last)
    for moment in range(first, last):
        active = {part for part, begin, end in trace if begin <= moment < end}
        for part in ("compute", "copy", "data", "idle"):
            if part in active or part == "idle":
                counts[part] += 1
                break
    shares = {part: count / (last - first) for part, count in counts.items()}
    if shares["compute"] > 0.9:
        return shares, "compute"
    return shares, max(("data", "copy", "idle"), key=shares.get)
