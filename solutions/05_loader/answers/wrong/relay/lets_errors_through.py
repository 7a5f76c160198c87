# Doesn't catch anything.
# hint: let-through
def attempt(fetch, index):
    return {"index": index, "value": fetch(index), "error": None}


def deliver(result):
    return result["value"]
