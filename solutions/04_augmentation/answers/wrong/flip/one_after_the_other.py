# Replaces labels class by class, and so replaces some twice.
# hint: label-twice
def flip_signs(images, labels, mirror, p, rng):
    images, labels = images.clone(), labels.clone()
    can = torch.tensor([mirror[int(label)] is not None for label in labels])
    chosen = torch.from_numpy(rng.random(len(images)) < p) & can
    images[chosen] = images[chosen].flip(-1)
    for label, other in mirror.items():
        if other is not None:
            labels[chosen & (labels == label)] = other
    return images, labels
