# Loops with break.
def read_frames(video, wanted):
    pictures = []
    run, at = None, -1
    for number in wanted:
        target = video.pts[number]
        if run is None or any(at < key <= target for key in video.keys):
            run = video.decode(target)
        for at, picture in run:
            if at == target:
                pictures.append(picture)
                break
    return torch.stack(pictures)
