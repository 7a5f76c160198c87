# Makes a list of each run.
# hint: to-the-end
def read_frames(video, wanted):
    pictures = []
    for number in wanted:
        found = dict(list(video.decode(video.pts[number])))
        pictures.append(found[video.pts[number]])
    return torch.stack(pictures)
