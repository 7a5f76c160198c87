# Takes the smallest quota of none.
# hint: no-groups
def most_workers(present, allowed, cpu_maxes, batches, free, each):
    cores = present if allowed is None else min(present, len(allowed))
    quotas = [text.split() for text in cpu_maxes]
    quota = min(int(time) / int(period) for time, period in quotas if time != "max")
    return min(math.ceil(min(cores, quota)), batches, free // 2 // each)
