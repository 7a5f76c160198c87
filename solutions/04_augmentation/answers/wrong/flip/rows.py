# Exchanges top and bottom.
# hint: upside-down
def flip_signs(images, labels, mirror, p, rng):
    new_images, new_labels = images.clone(), labels.clone()
    for k, number in enumerate(rng.random(len(images))):
        other = mirror[int(labels[k])]
        if number < p and other is not None:
            new_images[k] = images[k].flip(-2)
            new_labels[k] = other
    return new_images, new_labels
