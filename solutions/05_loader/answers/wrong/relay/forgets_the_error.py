# Returns the value without a look at the error.
# hint: error-as-none
def attempt(fetch, index):
    try:
        return {"index": index, "value": fetch(index), "error": None}
    except Exception as error:
        told = {"type": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()}
        return {"index": index, "value": None, "error": told}


def deliver(result):
    return result["value"]
