# Forgets gradients behind the step only: what was there before the call counts, and nan stays.
# hint: stale-gradients
def train_epoch(model, batches, loss_fn, optimizer, max_norm):
    """Train for one epoch; return (loss, gradient norm, what was done) for each batch."""
    rows = []
    model.train()
    for x, y in batches:
        loss = loss_fn(model(x), y)
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()
        if not (math.isfinite(loss.item()) and math.isfinite(norm)):
            rows.append((loss.item(), norm, "skipped"))
            continue
        if norm > max_norm:
            for p in model.parameters():
                p.grad.mul_(max_norm / norm)
        optimizer.step()
        optimizer.zero_grad()
        rows.append((loss.item(), norm, "clipped" if norm > max_norm else "stepped"))
    return rows
