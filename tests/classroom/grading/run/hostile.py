"""Programs that mean harm. Each is the source of an answer cell; some strike when they are called."""

from __future__ import annotations

AT_ONCE = {
    "fork bomb": "import os\nfor _ in range(10_000): os.fork()",
    "thread bomb": "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(600,)).start()",
    "3 GB": "block = bytearray(3 << 30)",
    "memory of many processes": """
import os, time
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20)) * 120
        time.sleep(600)
time.sleep(600)
""",
    "full disk": "number = 0\nwhile True:\n    open(f'file{number}', 'wb').write(bytes(16 << 20))\n    number += 1",
    "many small files": "number = 0\nwhile True:\n    open(f'/tmp/{number}', 'w').close()\n    number += 1",
    "one huge file": "file = open('huge', 'wb')\nwhile True: file.write(bytes(1 << 20))",
    "zip bomb": """
import io, zipfile
with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as bomb, bomb.open('zeros', 'w') as zeros:
    for _ in range(600): zeros.write(bytes(1 << 20))
zipfile.ZipFile('bomb.zip').extractall()
""",
    "300 MB of output": "import sys\nfor _ in range(300): print('x' * (1 << 20)); sys.stdout.flush()",
    "huge repr": "class Huge:\n    def __repr__(self): return 'x' * 100_000_000\nHuge()",
    "huge error": "raise ValueError('x' * 50_000_000)",
    "endless recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "abort": "import os; os.abort()",
    "exit": "import os; os._exit(0)",
    "kill -9 of its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "kill everything": "import os, signal\nos.kill(-1, signal.SIGKILL)\nos.kill(os.getpid(), signal.SIGKILL)",
    "detached daemon": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3, 1024):
            try: os.close(number)
            except OSError: pass
        time.sleep(600)
    os._exit(0)
""",
    "nohup": "get_ipython().system('nohup setsid sleep 600 >/dev/null 2>&1 &')",
    "stopped child": """
import os, signal, time
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(600)
""",
    "SIGSTOP of itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "every socket closed": """
import os
for number in range(3, 1024):
    try: os.close(number)
    except OSError: pass
""",
    "forged messages": """
kernel = get_ipython().kernel
for _ in range(2000):
    kernel.session.send(kernel.iopub_socket, 'execute_result', {'data': 5}, parent=kernel.get_parent())
    kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=kernel.get_parent())
""",
    "garbage to the agent's door": """
from classroom.grading import agent
agent.serve = lambda door, names: door.sendall(b'x' * 10**7)
""",
    "pipes and files left open": "import os\npipes = []\nwhile True: pipes.append(os.pipe())",
}

NEVER_ENDS = {
    "endless loop": "while True: pass",
    "swallowed interrupts": """
while True:
    try:
        while True: pass
    except BaseException:
        continue
""",
    "ignored signals": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "endless output": "while True: print('y' * 1000)",
    "a kernel that stops answering": """
import threading
get_ipython().kernel.shell_stream = None
threading.Event().wait()
""",
    "an endless call": "def bad(x):\n    while True: pass",
}
