# Adds up bars.
# hint: counted-twice
def classify(trace):
    first = min(begin for _, begin, _ in trace)
    last = max(end for _, _, end in trace)
    times = {"data": 0, "copy": 0, "compute": 0}
    for part, begin, end in trace:
        times[part] += end - begin
    shares = {part: each / (last - first) for part, each in times.items()}
    shares["idle"] = max(0.0, 1 - sum(shares.values()))
    if shares["compute"] > 0.9:
        return shares, "compute"
    return shares, max(("data", "copy", "idle"), key=shares.get)
