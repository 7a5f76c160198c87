# torch.nn.functional.pad for picture and mask.
def centre_pictures(pictures, multiple=1, fill=0):
    def up(side):
        return side + (-side) % multiple

    H = up(max(p.shape[-2] for p in pictures))
    W = up(max(p.shape[-1] for p in pictures))
    images, masks, places = [], [], []
    for p in pictures:
        _, h, w = p.shape
        top, left = (H - h) // 2, (W - w) // 2
        room = [left, W - w - left, top, H - h - top]
        images.append(nn.functional.pad(p, room, value=fill))
        masks.append(
            nn.functional.pad(torch.ones(h, w, dtype=torch.bool), room, value=False)
        )
        places.append(torch.tensor([top, left, h, w]))
    return {
        "images": torch.stack(images),
        "mask": torch.stack(masks),
        "places": torch.stack(places),
    }
