# Keeps the last group's quota.
# hint: last-group
def most_workers(present, allowed, cpu_maxes, batches, free, each):
    cores = present if allowed is None else min(present, len(allowed))
    quota = cores
    for text in cpu_maxes:
        time, period = text.split()
        if time != "max":
            quota = int(time) / int(period)
    return min(math.ceil(min(cores, quota)), batches, free // 2 // each)
