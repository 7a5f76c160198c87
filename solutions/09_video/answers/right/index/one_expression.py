# Short videos and long ones in one expression.
def index_clips(counts, length, stride, step):
    need = length * stride - stride + 1
    return [
        (video, list(range(start, min(start + need, count), stride)))
        for video, count in enumerate(counts)
        if count
        for start in range(0, max(count - need, 0) + 1, step)
    ]
