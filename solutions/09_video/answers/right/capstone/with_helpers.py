# With helpers; reads the frames of each key frame's group.
def read_some(video, numbers):
    found, run, at = {}, None, None
    for frame in sorted(set(numbers)):
        target = video.pts[frame]
        if run is None or any(at < key <= target for key in video.keys):
            run = video.decode(target)
        for at, picture in run:
            if at == target:
                found[frame] = picture
                break
    return found


class ClipSet(Dataset):
    def __init__(self, videos, clips, seed=0):
        self.videos, self.clips, self.seed = videos, clips, seed
        self.epoch = 0

    def __len__(self):
        return len(self.clips)

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __getitem__(self, index):
        return self.__getitems__([index])[0]

    def __getitems__(self, indices):
        read = {}
        for k, video in enumerate(self.videos):
            numbers = [
                n for i in indices if self.clips[i][0] == k for n in self.clips[i][1]
            ]
            read[k] = read_some(video, numbers)
        return [self.sample(i, read[self.clips[i][0]]) for i in indices]

    def sample(self, index, pictures):
        video, numbers = self.clips[index]
        rng = np.random.default_rng((self.seed, self.epoch, index))
        return mirror_half(torch.stack([pictures[n] for n in numbers]), rng), video
