# One list of everything; whole numbers only.
def most_workers(present, allowed, cpu_maxes, batches, free, each):
    quotas = [text.split() for text in cpu_maxes if not text.startswith("max")]
    return min(
        present,
        len(allowed or range(present)),
        *(-(-int(quota) // int(period)) for quota, period in quotas),
        batches,
        free // (2 * each),
    )
