# Gathers clips by recording, then walks through a shuffled list.
def split_clips(videos, cut_from, share, rng):
    def source(name):
        return source(cut_from[name]) if name in cut_from else name

    groups = {}
    for k, name in enumerate(videos):
        groups.setdefault(source(name), []).append(k)
    order = list(groups)
    rng.shuffle(order)
    test = []
    while len(test) < share * len(videos):
        test += groups[order.pop()]
    return [k for k in range(len(videos)) if k not in test], sorted(test)
