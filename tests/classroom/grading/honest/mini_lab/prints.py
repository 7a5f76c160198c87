# shows: prints left in

# %% answer lengths
def lengths(words):
    print("words:", words)
    result = [len(word) for word in words]
    print("DEBUG", result, flush=True)
    return result
