# Works in NumPy, and draws only for pictures that may be mirrored.
def flip_signs(images, labels, mirror, p, rng):
    pictures, names = [], []
    for picture, name in zip(images.numpy(), labels.tolist()):
        if mirror[name] is not None and rng.random() < p:
            picture, name = picture[:, :, ::-1], mirror[name]
        pictures.append(picture)
        names.append(name)
    return np.stack(pictures), np.array(names, dtype=np.int64)
