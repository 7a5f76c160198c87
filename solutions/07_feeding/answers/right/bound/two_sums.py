def best_step(stages, workers):
    total = sum(stage[2] for stage in stages)
    loading = sum(ms for _, who, ms in stages if who == "worker")
    times = []
    for each in dict.fromkeys(who for _, who, _ in stages if who != "worker"):
        times.append((sum(ms for _, who, ms in stages if who == each), each))
    if workers == 0:
        own = sum(ms for ms, who in times if who == "loop")
        times = [pair for pair in times if pair[1] != "loop"] + [(own + loading, "loop")]
    else:
        times.append((loading / workers, "worker"))
    best, limit = max(times)
    return total, best, limit
