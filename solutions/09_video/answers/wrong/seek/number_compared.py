# Compares ticks with frame numbers.
# hint: never-reached
def read_frames(video, wanted):
    """Some frames of a video, uint8 [T, 3, H, W], with no frame decoded in vain."""
    pictures, run, at = [], None, None
    for number in wanted:
        target = number
        key = 0
        if run is None or at is not None and key > at:
            run = video.decode(target)
        at, picture = next(pair for pair in run if pair[0] == target)
        pictures.append(picture)
    return torch.stack(pictures)
