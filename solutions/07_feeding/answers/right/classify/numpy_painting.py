def classify(trace):
    start = min(bar[1] for bar in trace)
    length = max(bar[2] for bar in trace) - start
    row = np.full(length, "idle", dtype=object)
    for what in ("data", "copy", "compute"):
        for part, begin, end in trace:
            if part == what:
                row[begin - start : end - start] = what
    shares = {what: float(np.mean(row == what)) for what in ("data", "copy", "compute", "idle")}
    verdict = "compute"
    if not shares["compute"] > 0.9:
        verdict = sorted(("data", "copy", "idle"), key=lambda what: shares[what])[-1]
    return shares, verdict
