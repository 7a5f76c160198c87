# Counts with plain loops.
def index_clips(counts, length, stride, step):
    clips = []
    for video in range(len(counts)):
        start = 0
        while True:
            frames = [start + k * stride for k in range(length)]
            if frames[-1] >= counts[video]:
                break
            clips.append([video, frames])
            start += step
        if start == 0 and counts[video]:
            clips.append([video, [k for k in frames if k < counts[video]]])
    return clips
