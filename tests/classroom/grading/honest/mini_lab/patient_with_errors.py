# shows: errors caught inside the answer

# %% answer lengths
def lengths(words):
    result, i = [], 0
    while True:
        try:
            result.append(len(words[i]))
        except IndexError:
            return result
        i += 1
