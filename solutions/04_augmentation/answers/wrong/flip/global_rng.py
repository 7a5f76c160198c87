# Draws from PyTorch's global generator.
# hint: rng-ignored
def flip_signs(images, labels, mirror, p, rng):
    new_images, new_labels = images.clone(), labels.clone()
    for k, number in enumerate(torch.rand(len(images)).tolist()):
        other = mirror[int(labels[k])]
        if number < p and other is not None:
            new_images[k] = images[k].flip(-1)
            new_labels[k] = other
    return new_images, new_labels
