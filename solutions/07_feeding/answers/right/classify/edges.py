def classify(trace):
    edges = sorted({moment for _, begin, end in trace for moment in (begin, end)})
    shares = dict.fromkeys(("data", "copy", "compute", "idle"), 0.0)
    for begin, end in zip(edges, edges[1:]):
        active = [part for part, first, last in trace if first <= begin and end <= last]
        what = next((part for part in ("compute", "copy", "data") if part in active), "idle")
        shares[what] += (end - begin) / (edges[-1] - edges[0])
    if shares["compute"] > 0.9:
        return shares, "compute"
    rest = {part: share for part, share in shares.items() if part != "compute"}
    return shares, max(rest, key=rest.get)
