# tries: to replace the instructor's notebook and files by its own

# %% first
import shutil
from pathlib import Path

for folder in [Path.cwd(), *Path.cwd().parents]:
    for path in (folder / "source").glob("*/*"):
        try:
            path.write_text("")
        except OSError as error:
            print(error)
