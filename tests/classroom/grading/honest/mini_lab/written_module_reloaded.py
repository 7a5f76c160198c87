# shows: a module written twice, with autoreload

# %% before double
%load_ext autoreload
%autoreload 2

# %% answer double
from pathlib import Path

Path("own_module.py").write_text("FACTOR = 2\n")
import own_module


def double(values):
    return [own_module.FACTOR * value for value in values]
