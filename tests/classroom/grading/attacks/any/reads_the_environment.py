# tries: to print the secrets of the environment, its own process's and its parents'

# %% first
import os
from pathlib import Path

print(os.environ)
for path in Path("/proc").glob("[0-9]*/environ"):
    try:
        print(path, path.read_bytes())
    except OSError as error:
        print(path, error)
