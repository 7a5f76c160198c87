# The mask holds ones and zeros.
# hint: mask-dtype
def pad_sentences(samples, multiple=1, at_most=None):
    """Pairs (words int64 [length], label) → {"words": [B, L], "mask": [B, L], "lengths": [B], "labels": [B]}."""
    kept = [words[:at_most] for words, _ in samples]
    lengths = torch.tensor([len(words) for words in kept])
    longest = -(-int(lengths.max()) // multiple) * multiple
    padded = torch.zeros(len(kept), longest, dtype=torch.int64)
    for row, words in zip(padded, kept, strict=True):
        row[: len(words)] = words
    return {
        "words": padded,
        "mask": (torch.arange(longest) < lengths[:, None]).float(),
        "lengths": lengths,
        "labels": torch.tensor([label for _, label in samples]),
    }
