# One picture after the other, in 64 bits.
def relight(images, gains, contrasts):
    top = 255 if images.dtype == torch.uint8 else 1
    out = torch.empty_like(images)
    for k, image in enumerate(images):
        values = image.double() * float(gains[k])
        values = (values - values.mean()) * float(contrasts[k]) + values.mean()
        if top == 255:
            values = torch.round(values)
        out[k] = values.clip(0, top).to(images.dtype)
    return out
