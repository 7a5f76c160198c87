# Looks for the limit before it divides.
# hint: limit-before-dividing
def best_step(stages, workers):
    """(milliseconds without overlap, milliseconds with perfect overlap, who limits)."""
    needs = {}
    for _, who, milliseconds in stages:
        if who == "worker" and workers == 0:
            who = "loop"
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    slowest = max(needs, key=needs.get)
    if "worker" in needs:
        needs["worker"] /= workers
    return together, max(needs.values()), slowest
