# Hands over the error itself, in place of its texts.
# hint: no-dict-of-texts
def attempt(fetch, index):
    """In the worker: fetch(index), or the error."""
    try:
        return {"index": index, "value": fetch(index), "error": None}
    except Exception as error:
        return {"index": index, "value": None, "error": error}


def deliver(result):
    """In the loop: the value, or the error raised again."""
    if result["error"] is not None:
        raise result["error"]
    return result["value"]
