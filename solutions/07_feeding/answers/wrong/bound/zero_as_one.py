# Treats 0 workers as one.
# hint: zero-is-not-one
def best_step(stages, workers):
    """(milliseconds without overlap, milliseconds with perfect overlap, who limits)."""
    needs = {}
    for _, who, milliseconds in stages:
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    if "worker" in needs:
        needs["worker"] /= max(1, workers)
    slowest = max(needs, key=needs.get)
    return together, needs[slowest], slowest
