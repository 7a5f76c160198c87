# Takes the stack of the handler in place of the error's traceback.
# hint: no-traceback
def attempt(fetch, index):
    """In the worker: fetch(index), or a record of what went wrong."""
    try:
        return {"index": index, "value": fetch(index), "error": None}
    except Exception as error:
        told = {
            "type": type(error).__name__,
            "message": str(error),
            "traceback": "".join(traceback.format_stack()),
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
        made = kind(message)
    except TypeError:
        made = RuntimeError(message)
    raise made
