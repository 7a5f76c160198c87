KNOWN = {name: kind for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)}


def attempt(fetch, index):
    result = dict(index=index, value=None, error=None)
    try:
        result["value"] = fetch(index)
    except Exception as trouble:
        lines = traceback.format_exception(type(trouble), trouble, trouble.__traceback__)
        result["error"] = dict(type=trouble.__class__.__name__, message=f"{trouble}", traceback="".join(lines))
    return result


def deliver(result):
    trouble = result["error"]
    if not trouble:
        return result["value"]
    text = "\n".join([trouble["type"], str(result["index"]), trouble["message"], trouble["traceback"]])
    try:
        error = KNOWN[trouble["type"]](text)
    except (KeyError, TypeError):
        error = RuntimeError(text)
    raise error
