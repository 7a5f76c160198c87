# shows: notes written to files and read again

# %% answer lengths
from pathlib import Path


def lengths(given):
    Path("out").mkdir(exist_ok=True)
    Path("out/notes.txt").write_text("\n".join(str(len(word)) for word in given))
    return [int(line) for line in Path("out/notes.txt").read_text().split()]
