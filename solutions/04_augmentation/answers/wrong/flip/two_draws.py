# Draws once for the picture and once more for the label.
# hint: drawn-twice
def flip_signs(images, labels, mirror, p, rng):
    can = torch.tensor([mirror[int(label)] is not None for label in labels])
    others = torch.tensor(
        [
            int(label) if mirror[int(label)] is None else mirror[int(label)]
            for label in labels
        ]
    )
    for_images = torch.from_numpy(rng.random(len(images)) < p) & can
    for_labels = torch.from_numpy(rng.random(len(images)) < p)
    return torch.where(
        for_images[:, None, None, None], images.flip(-1), images
    ), torch.where(for_labels, others, labels)
