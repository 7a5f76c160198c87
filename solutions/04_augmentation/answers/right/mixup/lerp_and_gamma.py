# Beta from two Gammas, blends by lerp, labels from the identity matrix.
def mixup(images, labels, n_classes, alpha, rng):
    n = len(images)
    own, other = rng.gamma(alpha, size=(2, n))
    share = torch.tensor(other / (own + other), dtype=torch.float32)
    partner = torch.tensor(rng.permutation(n))
    hard = torch.eye(n_classes)[labels]
    return (
        torch.lerp(images, images[partner], share.view(n, 1, 1, 1)),
        torch.lerp(hard, hard[partner], share.view(n, 1)),
    )
