# Forgets that the first frame's pts isn't 0.
# hint: first-frame-later
def frames_at(path, seconds):
    """The frames on the screen at some times, uint8 [T, 3, H, W]."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [frame.pts * stream.time_base for frame in frames]
        pictures = []
        for second in seconds:
            last = max([k for k in range(len(frames)) if times[k] <= second], default=0)
            pictures.append(
                torch.from_numpy(frames[last].to_ndarray(format="rgb24", threads=1))
            )
    return torch.stack(pictures).permute(0, 3, 1, 2)
