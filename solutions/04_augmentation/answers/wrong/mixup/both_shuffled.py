# Shuffles the pictures before blending.
# hint: own-lost
def mixup(images, labels, n_classes, alpha, rng):
    lam = torch.from_numpy(rng.beta(alpha, alpha, len(images))).float()
    partner = torch.from_numpy(rng.permutation(len(images)))
    start = torch.from_numpy(rng.permutation(len(images)))
    images, labels = images[start], labels[start]
    hard = torch.nn.functional.one_hot(labels, n_classes).float()
    by_picture, by_label = lam[:, None, None, None], lam[:, None]
    mixed = by_picture * images + (1 - by_picture) * images[partner]
    return mixed, by_label * hard + (1 - by_label) * hard[partner]
