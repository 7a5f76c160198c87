# Plans with all free memory.
# hint: all-memory
def most_workers(present, allowed, cpu_maxes, batches, free, each):
    """How many workers are worth trying, at most: a whole number, 0 or above."""
    cores = [present]
    if allowed is not None:
        cores.append(len(allowed))
    for text in cpu_maxes:
        quota, period = text.split()
        if quota != "max":
            cores.append(int(quota) / int(period))
    return min(math.ceil(min(cores)), batches, free // each)
