# Changes labels of pictures that are not mirrored.
# hint: label-without-mirror
def flip_signs(images, labels, mirror, p, rng):
    new_images, new_labels = images.clone(), labels.clone()
    for k in range(len(images)):
        other = mirror[int(labels[k])]
        if other is not None:
            new_labels[k] = other
            if rng.random() < p:
                new_images[k] = images[k].flip(-1)
    return new_images, new_labels
