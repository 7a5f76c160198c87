# Keeps every frame that was decoded.
# hint: frames-missing
def read_frames(video, wanted):
    pictures, run, at = [], None, None
    for number in wanted:
        target = video.pts[number]
        key = max(tick for tick in video.keys if tick <= target)
        if run is None or key > at:
            run = video.decode(target)
        for at, picture in run:
            pictures.append(picture)
            if at == target:
                break
    return torch.stack(pictures)
