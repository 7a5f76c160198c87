# Seeks to the frame's number.
# hint: number-is-no-tick
def read_frames(video, wanted):
    return torch.stack([next(iter(video.decode(number)))[1] for number in wanted])
