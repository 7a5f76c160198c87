# With NumPy.
def index_clips(counts, length, stride, step):
    clips = []
    offsets = np.arange(length) * stride
    for video, count in enumerate(counts):
        starts = np.arange(0, count - offsets[-1], step)
        clips += [(video, (start + offsets).tolist()) for start in starts]
        if len(starts) == 0 and count > 0:
            clips.append((video, offsets[offsets < count].tolist()))
    return clips
