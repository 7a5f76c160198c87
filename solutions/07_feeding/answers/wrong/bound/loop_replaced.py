# The workers' time takes the place of the loop's own.
# hint: loop-loses
def best_step(stages, workers):
    needs = {}
    for _, who, milliseconds in stages:
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    if workers == 0 and "worker" in needs:
        needs["loop"] = needs.pop("worker")
    elif "worker" in needs:
        needs["worker"] = needs["worker"] / workers
    slowest = max(needs, key=needs.get)
    return together, needs[slowest], slowest
