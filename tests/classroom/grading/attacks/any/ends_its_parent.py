# tries: to end the process that started it
# earns: 0

# %% first
import os
import signal
import time

for process in {os.getppid(), os.getpgid(0)} - {0, 1, os.getpid()}:
    try:
        os.kill(process, signal.SIGKILL)
    except OSError as error:
        print(error)
time.sleep(0.5)
