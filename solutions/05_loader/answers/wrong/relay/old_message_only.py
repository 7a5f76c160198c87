# Raises with the old message alone.
# hint: message-incomplete
def attempt(fetch, index):
    """In the worker: fetch(index), or a record of what went wrong."""
    try:
        return {"index": index, "value": fetch(index), "error": None}
    except Exception as error:
        told = {
            "type": type(error).__name__,
            "message": str(error),
            "traceback": traceback.format_exc(),
        }
        return {"index": index, "value": None, "error": told}


def deliver(result):
    """In the loop: the value, or the error raised again."""
    error = result["error"]
    if error is None:
        return result["value"]
    name = error["type"]
    message = (
        f"{name} in sample {result['index']!r}: {error['message']}\n\n{error['traceback']}"
    )
    kind = getattr(builtins, name, RuntimeError)
    try:
        made = kind(f"{result['index']}: {error['message']}")
    except TypeError:
        made = RuntimeError(message)
    raise made
