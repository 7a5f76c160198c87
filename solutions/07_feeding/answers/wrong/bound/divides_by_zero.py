# Divides by 0 workers.
# hint: zero-workers
def best_step(stages, workers):
    """(milliseconds without overlap, milliseconds with perfect overlap, who limits)."""
    needs = {}
    for _, who, milliseconds in stages:
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    if "worker" in needs:
        needs["worker"] /= workers
    slowest = max(needs, key=needs.get)
    return together, needs[slowest], slowest
