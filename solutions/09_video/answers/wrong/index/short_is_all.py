# Gives all frames of a short video.
# hint: stride-ignored
def index_clips(counts, length, stride, step):
    """List all clips as pairs (video, frame numbers)."""
    clips, span = [], (length - 1) * stride + 1
    for video, count in enumerate(counts):
        if 0 < count < span:
            clips.append((video, list(range(count))))
        for start in range(0, count - span + 1, step):
            clips.append((video, list(range(start, start + span, stride))))
    return clips
