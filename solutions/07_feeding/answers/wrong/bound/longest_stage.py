# Takes the longest stage.
# hint: stages-apart
def best_step(stages, workers):
    times = {}
    for name, who, milliseconds in stages:
        if who == "worker" and workers:
            milliseconds = milliseconds / workers
        times[who] = max(times.get(who, 0), milliseconds)
    slowest = max(times, key=times.get)
    return sum(ms for _, _, ms in stages), times[slowest], slowest
