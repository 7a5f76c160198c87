# Counts frames from the key frame as if it were the video's first.
# hint: never-reached
def read_frames(video, wanted):
    pictures = []
    for number in wanted:
        run = list(video.decode(video.pts[number]))
        pictures.append(run[number][1])
    return torch.stack(pictures)
