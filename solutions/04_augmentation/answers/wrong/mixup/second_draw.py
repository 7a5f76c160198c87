# Draws another λ for the labels.
# hint: other-draw
def mixup(images, labels, n_classes, alpha, rng):
    lam = torch.from_numpy(rng.beta(alpha, alpha, len(images))).float()
    partner = torch.from_numpy(rng.permutation(len(images)))
    hard = torch.nn.functional.one_hot(labels, n_classes).float()
    by_picture, by_label = (
        lam[:, None, None, None],
        torch.from_numpy(rng.beta(alpha, alpha, (len(images), 1))).float(),
    )
    mixed = by_picture * images + (1 - by_picture) * images[partner]
    return mixed, by_label * hard + (1 - by_label) * hard[partner]
