# Goes through the frames once, and keeps what each time has seen last.
def frames_at(path, seconds):
    shown = [None] * len(seconds)
    start = None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            if start is None:
                start = frame.pts
            time = (frame.pts - start) * stream.time_base
            picture = torch.tensor(frame.to_ndarray(format="rgb24")).permute(2, 0, 1)
            for place, second in enumerate(seconds):
                if time <= second:
                    shown[place] = picture
    return torch.stack(shown)
