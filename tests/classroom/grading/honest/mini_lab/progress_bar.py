# shows: a progress bar on stderr

# %% answer double
import sys


def double(values):
    result = []
    for done, value in enumerate(values, start=1):
        sys.stderr.write(f"\r{done}/{len(values)} |{'█' * done}|")
        sys.stderr.flush()
        result.append(2 * value)
    return result
