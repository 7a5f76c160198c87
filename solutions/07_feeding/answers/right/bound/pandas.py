def best_step(stages, workers):
    table = pd.DataFrame(stages, columns=["name", "who", "ms"])
    if not workers:
        table.loc[table.who == "worker", "who"] = "loop"
    each = table.groupby("who").ms.sum().astype(float)
    if "worker" in each.index:
        each["worker"] = each["worker"] / workers
    return float(table.ms.sum()), float(each.max()), str(each.idxmax())
