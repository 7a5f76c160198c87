# Also gives what is left at a video's end.
# hint: tail
def index_clips(counts, length, stride, step):
    """List all clips as pairs (video, frame numbers)."""
    clips, span = [], (length - 1) * stride + 1
    for video, count in enumerate(counts):
        for start in range(0, count, step):
            clips.append((video, list(range(start, min(start + span, count), stride))))
    return clips
