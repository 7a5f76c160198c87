# Takes the first frame after the seek.
# hint: key-frames
def read_frames(video, wanted):
    """Some frames of a video, uint8 [T, 3, H, W], with no frame decoded in vain."""
    pictures, run, at = [], None, None
    for number in wanted:
        target = video.pts[number]
        key = max(tick for tick in video.keys if tick <= target)
        if True:
            run = video.decode(target)
        at, picture = next(iter(run))
        pictures.append(picture)
    return torch.stack(pictures)
