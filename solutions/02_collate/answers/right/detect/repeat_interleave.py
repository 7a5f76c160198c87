# The first column by repeating each place.
def detection_batch(samples):
    images, boxes, labels = zip(*samples)
    counts = torch.tensor([len(b) for b in boxes])
    place = torch.repeat_interleave(torch.arange(len(boxes)), counts)
    return {
        "images": images,
        "boxes": torch.hstack([place.float().unsqueeze(1), torch.vstack(boxes)]),
        "labels": torch.hstack(labels),
    }


def boxes_of(batch, k):
    rows = (batch["boxes"][:, 0] == k).nonzero().flatten()
    return [
        batch["boxes"].index_select(0, rows)[:, 1:],
        batch["labels"].index_select(0, rows),
    ]
