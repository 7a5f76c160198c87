# The whole work in NumPy; the mask by comparing places.
def centre_pictures(pictures, multiple=1, fill=0):
    arrays = [np.asarray(picture) for picture in pictures]
    sides = np.array([array.shape[1:] for array in arrays])
    canvas = np.ceil(sides.max(axis=0) / multiple).astype(int) * multiple
    starts = (canvas - sides) // 2
    images = np.full((len(arrays), 3, *canvas), fill, dtype=np.uint8)
    for image, array, (top, left) in zip(images, arrays, starts):
        image[:, top : top + array.shape[1], left : left + array.shape[2]] = array
    row, column = np.ogrid[: canvas[0], : canvas[1]]
    row, column = row[None], column[None]
    (top, left), (high, wide) = (x.T[:, :, None, None] for x in (starts, sides))
    mask = (row >= top) & (row < top + high) & (column >= left) & (column < left + wide)
    return dict(images=images, mask=mask, places=np.concatenate([starts, sides], axis=1))
