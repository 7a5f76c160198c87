# Leaves out times after the end.
# hint: repeats-lost
def frames_at(path, seconds):
    """The frames on the screen at some times, uint8 [T, 3, H, W]."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [(frame.pts - frames[0].pts) * stream.time_base for frame in frames]
        pictures = []
        for second in [s for s in seconds if s <= times[-1]]:
            last = max(k for k in range(len(frames)) if times[k] <= second)
            pictures.append(
                torch.from_numpy(frames[last].to_ndarray(format="rgb24", threads=1))
            )
    return torch.stack(pictures).permute(0, 3, 1, 2)
