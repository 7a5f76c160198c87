# Picture by picture, with numbers.
def mixup(images, labels, n_classes, alpha, rng):
    partner = list(range(len(images)))
    rng.shuffle(partner)
    mixed, soft = torch.zeros_like(images), torch.zeros(len(images), n_classes)
    for k, other in enumerate(partner):
        share = rng.beta(alpha, alpha)
        mixed[k] = share * images[k] + (1 - share) * images[other]
        soft[k, labels[k]] += share
        soft[k, labels[other]] += 1 - share
    return mixed, soft
