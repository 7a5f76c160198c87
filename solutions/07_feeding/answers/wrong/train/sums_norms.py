# Adds up the norms of the parameters.
# hint: norm-in-parts
def train_epoch(model, batches, loss_fn, optimizer, max_norm):
    """Train for one epoch; return (loss, gradient norm, what was done) for each batch."""
    rows = []
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        norm = sum(p.grad.norm().item() for p in model.parameters())
        if not (math.isfinite(loss.item()) and math.isfinite(norm)):
            rows.append((loss.item(), norm, "skipped"))
            continue
        if norm > max_norm:
            for p in model.parameters():
                p.grad.mul_(max_norm / norm)
        optimizer.step()
        rows.append((loss.item(), norm, "clipped" if norm > max_norm else "stepped"))
    return rows
