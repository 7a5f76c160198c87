# Makes NumPy arrays, and counts key frames.
def read_frames(video, wanted):
    keys = np.array(video.keys)
    out, group, run = [], None, None
    for tick in [video.pts[n] for n in wanted]:
        mine = (keys <= tick).sum()
        if mine != group:
            group, run = mine, iter(video.decode(int(keys[mine - 1])))
        while True:
            at, picture = next(run)
            if at >= tick:
                break
        out.append(np.asarray(picture))
    return np.stack(out)
