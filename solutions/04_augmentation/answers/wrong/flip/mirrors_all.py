# Mirrors also what has no mirror image, and leaves its label.
# hint: meaning-lost
def flip_signs(images, labels, mirror, p, rng):
    new_images, new_labels = images.clone(), labels.clone()
    for k, number in enumerate(rng.random(len(images))):
        if number < p:
            new_images[k] = images[k].flip(-1)
            if mirror[int(labels[k])] is not None:
                new_labels[k] = mirror[int(labels[k])]
    return new_images, new_labels
