# First gathers what hangs on which key frame, then reads each group.
from bisect import bisect_right


def read_frames(video, wanted):
    groups = {}
    for number in wanted:
        tick = video.pts[number]
        groups.setdefault(video.keys[bisect_right(video.keys, tick) - 1], []).append(tick)
    pictures = {}
    for key, ticks in groups.items():
        for tick, picture in video.decode(key):
            if tick in ticks:
                pictures[tick] = picture
            if tick == ticks[-1]:
                break
    return torch.stack([pictures[video.pts[number]] for number in wanted])
