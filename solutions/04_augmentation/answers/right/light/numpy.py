# In NumPy; rounds by adding a half.
def relight(images, gains, contrasts):
    values = images.numpy().astype(np.float64) * gains.numpy().reshape(-1, 1, 1, 1)
    mean = values.reshape(len(values), -1).mean(1).reshape(-1, 1, 1, 1)
    share = contrasts.numpy().reshape(-1, 1, 1, 1)
    values = share * values + (1 - share) * mean
    if images.dtype == torch.uint8:
        return np.floor(np.clip(values, 0, 255) + 0.5).astype(np.uint8)
    return np.clip(values, 0, 1).astype(np.float32)
