# The canvas holds floats.
# hint: float-pictures
def centre_pictures(pictures, multiple=1, fill=0):
    """Pictures [3, height, width] → {"images": [B, 3, H, W], "mask": [B, H, W], "places": [B, 4]}."""
    heights = [picture.shape[1] for picture in pictures]
    widths = [picture.shape[2] for picture in pictures]
    highest = -(-max(heights) // multiple) * multiple
    widest = -(-max(widths) // multiple) * multiple
    images = torch.full((len(pictures), 3, highest, widest), float(fill))
    mask = torch.zeros(len(pictures), highest, widest, dtype=torch.bool)
    places = []
    for k, (picture, height, width) in enumerate(
        zip(pictures, heights, widths, strict=True)
    ):
        top, left = (highest - height) // 2, (widest - width) // 2
        images[k, :, top : top + height, left : left + width] = picture
        mask[k, top : top + height, left : left + width] = True
        places.append((top, left, height, width))
    return {"images": images, "mask": mask, "places": torch.tensor(places)}
