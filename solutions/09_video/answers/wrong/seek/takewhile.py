# Uses takewhile, which swallows the frame behind the wanted one.
# hint: never-reached
from itertools import takewhile


def read_frames(video, wanted):
    """Some frames of a video, uint8 [T, 3, H, W], with no frame decoded in vain."""
    pictures, run, at = [], None, None
    for number in wanted:
        target = video.pts[number]
        key = max(tick for tick in video.keys if tick <= target)
        if run is None or key > at:
            run = video.decode(target)
        at, picture = list(takewhile(lambda pair: pair[0] <= target, run))[-1]
        pictures.append(picture)
    return torch.stack(pictures)
