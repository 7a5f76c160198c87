def train_epoch(model, batches, loss_fn, optimizer, max_norm):
    model.train(True)
    rows = []
    optimizer.zero_grad()
    for features, target in batches:
        output = model(features)
        loss = loss_fn(output, target)
        loss.backward()
        squares = 0.0
        for parameter in model.parameters():
            if parameter.grad is not None:
                squares += parameter.grad.double().pow(2).sum().item()
        norm = math.sqrt(squares)
        value = float(loss.detach())
        if math.isnan(value) or math.isinf(value) or math.isnan(norm) or math.isinf(norm):
            done = "skipped"
        else:
            done = "clipped" if norm > max_norm else "stepped"
            factor = min(1.0, max_norm / norm) if norm else 1.0
            for parameter in model.parameters():
                parameter.grad *= factor
            optimizer.step()
        optimizer.zero_grad()
        rows.append((value, norm, done))
    return rows
