# tries: to leave a start-up file in the home folder, for the kernels that start later

# %% first
from pathlib import Path

folder = Path.home() / ".ipython" / "profile_default" / "startup"
folder.mkdir(parents=True, exist_ok=True)
(folder / "00-first.py").write_text("get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])")
