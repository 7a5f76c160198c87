# One loop with next(); the deadline is kept; NumPy draws.
def mixed(items, size, late, seed):
    rng = np.random.default_rng(seed)
    source = iter(items)
    waiting = {}
    came = gone = 0
    ended = False
    while True:
        while not ended and len(waiting) < size:
            try:
                waiting[came] = next(source)
                came += 1
            except StopIteration:
                ended = True
        if not waiting:
            return
        oldest = min(waiting)
        chosen = (
            oldest if gone - oldest >= late else list(waiting)[rng.integers(len(waiting))]
        )
        yield waiting.pop(chosen)
        gone += 1
