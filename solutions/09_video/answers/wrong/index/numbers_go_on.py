# Numbers the frames of all videos in a row.
# hint: numbers-go-on
def index_clips(counts, length, stride, step):
    clips, span, before = [], (length - 1) * stride + 1, 0
    for video, count in enumerate(counts):
        if 0 < count < span:
            clips.append((video, list(range(before, before + count, stride))))
        for start in range(before, before + count - span + 1, step):
            clips.append((video, list(range(start, start + span, stride))))
        before += count
    return clips
