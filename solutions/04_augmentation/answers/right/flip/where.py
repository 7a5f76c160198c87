# Decides with one vector, and looks classes up in a table.
def flip_signs(images, labels, mirror, p, rng):
    drawn = torch.from_numpy(rng.uniform(size=len(images)) < p)
    partner = torch.tensor(
        [-1 if mirror[k] is None else mirror[k] for k in labels.tolist()]
    )
    turned = drawn & (partner >= 0)
    return torch.where(turned.view(-1, 1, 1, 1), images.flip(3), images), torch.where(
        turned, partner, labels
    )
