# Divides clips.
# hint: leak
def split_clips(videos, cut_from, share, rng):
    order = rng.permutation(len(videos))
    n = int(np.ceil(share * len(videos)))
    return sorted(order[n:].tolist()), sorted(order[:n].tolist())
