def attempt(fetch, index):
    try:
        value, error = fetch(index), None
    except Exception as e:
        value, error = None, {"type": type(e).__qualname__, "message": str(e), "traceback": traceback.format_exc()}
    return {"index": index, "value": value, "error": error}


def deliver(result):
    if result["error"] is not None:
        told = result["error"]
        text = f"sample {result['index']}: {told['type']}: {told['message']}\n{told['traceback']}"
        kind = getattr(builtins, told["type"], None)
        if kind in (UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError) or kind is None:
            kind = RuntimeError
        raise kind(text)
    return result["value"]
