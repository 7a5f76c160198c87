# Sorts the trials themselves.
def median(values):
    return sorted(values)[len(values) // 2]


def choose(trials, batch_bytes, free):
    def fits(trial):
        if trial["workers"] == 0:
            return True
        return (trial["workers"] * trial["prefetch"] + 2) * batch_bytes <= free

    trials = [trial for trial in trials if trial["ms"] and fits(trial)]
    if len(trials) == 0:
        raise ValueError("nothing fits into " + str(free))
    trials = sorted(trials, key=lambda trial: median(trial["ms"]))
    limit = median(trials[0]["ms"]) * 11 / 10
    trials = [trial for trial in trials if median(trial["ms"]) <= limit]
    trials.sort(key=lambda trial: (trial["workers"], trial["prefetch"] or 0))
    return [trials[0]["workers"], trials[0]["prefetch"]]
