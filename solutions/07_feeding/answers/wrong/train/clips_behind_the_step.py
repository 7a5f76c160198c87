# Clips behind the step.
# hint: not-clipped
def train_epoch(model, batches, loss_fn, optimizer, max_norm):
    """Train for one epoch; return (loss, gradient norm, what was done) for each batch."""
    rows = []
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()
        if not (math.isfinite(loss.item()) and math.isfinite(norm)):
            rows.append((loss.item(), norm, "skipped"))
            continue
        optimizer.step()
        if norm > max_norm:
            for p in model.parameters():
                p.grad.mul_(max_norm / norm)
        rows.append((loss.item(), norm, "clipped" if norm > max_norm else "stepped"))
    return rows
