# Turns seconds into ticks.
from bisect import bisect_right


def frames_at(path, seconds):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [f for f in container.decode(stream)]
        pts = [f.pts for f in frames]
        ticks = [pts[0] + round(s / stream.time_base) for s in seconds]
    chosen = [frames[bisect_right(pts, tick) - 1] for tick in ticks]
    return torch.stack(
        [torch.from_numpy(f.to_ndarray(format="rgb24")).permute(2, 0, 1) for f in chosen]
    )
