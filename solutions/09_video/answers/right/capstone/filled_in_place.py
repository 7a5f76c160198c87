# Fills the clips' places while it decodes.
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
        frames = [[None] * len(self.clips[i][1]) for i in indices]
        places = {}
        for row, i in enumerate(indices):
            video, numbers = self.clips[i]
            for column, number in enumerate(numbers):
                tick = self.videos[video].pts[number]
                places.setdefault((video, tick), []).append((row, column))
        last = (None, None)
        for video, tick in sorted(places):
            source = self.videos[video]
            group = (video, sum(key <= tick for key in source.keys))
            if group != last:
                last, run = group, source.decode(tick)
            at = None
            while at != tick:
                at, picture = next(run)
            for row, column in places[video, tick]:
                frames[row][column] = picture
        out = []
        for row, i in enumerate(indices):
            rng = np.random.default_rng([self.seed, self.epoch, int(i)])
            out.append((mirror_half(torch.stack(frames[row]), rng), self.clips[i][0]))
        return out
