# Divides without a remainder.
# hint: rounded
def best_step(stages, workers):
    """(milliseconds without overlap, milliseconds with perfect overlap, who limits)."""
    needs = {}
    for _, who, milliseconds in stages:
        if who == "worker" and workers == 0:
            who = "loop"
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    if "worker" in needs:
        needs["worker"] //= workers
    slowest = max(needs, key=needs.get)
    return together, needs[slowest], slowest
