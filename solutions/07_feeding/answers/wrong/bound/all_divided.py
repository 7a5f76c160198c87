# Divides everything by the workers.
# hint: all-divided
def best_step(stages, workers):
    """(milliseconds without overlap, milliseconds with perfect overlap, who limits)."""
    needs = {}
    for _, who, milliseconds in stages:
        if who == "worker" and workers == 0:
            who = "loop"
        needs[who] = needs.get(who, 0) + milliseconds
    together = sum(needs.values())
    if workers:
        needs = {who: each / workers for who, each in needs.items()}
    slowest = max(needs, key=needs.get)
    return together, needs[slowest], slowest
