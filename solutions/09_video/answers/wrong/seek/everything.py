# Decodes the whole video into a list.
# hint: from-the-start
def read_frames(video, wanted):
    pictures = [picture for _, picture in video.decode(video.pts[0])]
    return torch.stack([pictures[number] for number in wanted])
