# Believes that a tick is a thousandth of a second.
# hint: ticks-are-no-seconds
def frames_at(path, seconds):
    """The frames on the screen at some times, uint8 [T, 3, H, W]."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [(frame.pts - frames[0].pts) / 1000 for frame in frames]
        pictures = []
        for second in seconds:
            last = max(k for k in range(len(frames)) if times[k] <= second)
            pictures.append(
                torch.from_numpy(frames[last].to_ndarray(format="rgb24", threads=1))
            )
    return torch.stack(pictures).permute(0, 3, 1, 2)
