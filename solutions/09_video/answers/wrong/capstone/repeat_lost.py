# Gives a clip once, though it was asked for twice.
# hint: repeat-lost
class ClipSet(Dataset):
    """Clips of several videos; a batch of them is read at once."""

    def __init__(self, videos, clips, seed=0):
        self.videos, self.clips, self.seed = videos, clips, seed
        self.epoch = 0

    def __len__(self):
        return len(self.clips)

    def set_epoch(self, epoch):
        """Say which epoch begins; call it before each epoch."""
        self.epoch = epoch

    def __getitem__(self, index):
        return self.__getitems__([index])[0]

    def __getitems__(self, indices):
        """The samples of a batch: pairs (frames, number of the video)."""
        wanted = {}
        for index in indices:
            number, frames = self.clips[index]
            wanted.setdefault(number, set()).update(frames)
        pictures = {}
        for number, frames in wanted.items():
            video, run, at = self.videos[number], None, None
            for frame in sorted(frames):
                target = video.pts[frame]
                key = max(tick for tick in video.keys if tick <= target)
                if run is None or key > at:
                    run = video.decode(target)
                at, picture = next(pair for pair in run if pair[0] == target)
                pictures[number, frame] = picture
        samples = []
        for index in dict.fromkeys(indices):
            number, frames = self.clips[index]
            clip = torch.stack([pictures[number, frame] for frame in frames])
            rng = np.random.default_rng([self.seed, self.epoch, index])
            samples.append((mirror_half(clip, rng), number))
        return samples
