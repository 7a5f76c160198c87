# shows: another process, whose output is read

# %% answer lengths
import json
import subprocess
import sys


def lengths(words):
    code = "import json, sys; print(json.dumps([len(word) for word in json.load(sys.stdin)]))"
    done = subprocess.run([sys.executable, "-c", code], input=json.dumps(words), capture_output=True, text=True)
    return json.loads(done.stdout)
