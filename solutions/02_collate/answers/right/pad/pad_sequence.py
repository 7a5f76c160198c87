# PyTorch's pad_sequence does the padding.
def pad_sentences(samples, multiple=1, at_most=None):
    words, labels = zip(*samples)
    words = [w if at_most is None else w[:at_most] for w in words]
    padded = pad_sequence(words, batch_first=True)
    missing = -padded.shape[1] % multiple
    padded = nn.functional.pad(padded, (0, missing))
    ones = pad_sequence(
        [torch.ones_like(w, dtype=torch.bool) for w in words], batch_first=True
    )
    return dict(
        words=padded,
        mask=nn.functional.pad(ones, (0, missing)),
        lengths=ones.sum(dim=1),
        labels=torch.tensor(labels),
    )
