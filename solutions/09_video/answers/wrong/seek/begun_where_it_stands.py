# Begins anew at a key frame that has just come.
# hint: begun-where-it-stands
def read_frames(video, wanted):
    """Some frames of a video, uint8 [T, 3, H, W], with no frame decoded in vain."""
    pictures, run, at = [], None, None
    for number in wanted:
        target = video.pts[number]
        key = max(tick for tick in video.keys if tick <= target)
        if run is None or key >= at:
            run = video.decode(target)
        at, picture = next(pair for pair in run if pair[0] == target)
        pictures.append(picture)
    return torch.stack(pictures)
