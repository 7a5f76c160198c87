def train_epoch(model, batches, loss_fn, optimizer, max_norm):
    model.train()
    history = []
    for x, y in batches:
        model.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        parameters = list(model.parameters())
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters])
        what = "stepped"
        if not torch.isfinite(loss) or not torch.isfinite(norm):
            what = "skipped"
        elif norm > max_norm:
            torch.nn.utils.clip_grad_norm_(parameters, max_norm)
            what = "clipped"
        if what != "skipped":
            optimizer.step()
        history.append([loss.item(), float(norm), what])
    return history
