# pad_sequence puts nan in front.
def window_batch(samples, steps):
    # A row of nan in front of everything: no past is empty, and none is too short.
    rows = []
    for sample in samples:
        room = sample["past"].new_full((steps, sample["past"].shape[1]), float("nan"))
        rows.append(torch.cat([room, sample["past"]])[-steps:])
    window = pad_sequence(rows, batch_first=True, padding_side="left")
    known = torch.isfinite(window)
    return {
        "past": window.masked_fill(~known, 0),
        "mask": known,
        "target": torch.tensor([s["target"] for s in samples]).float(),
    }
