# tries: to print every notebook and script of labs that it can find on the machine

# %% first
import os

for folder, _, files in os.walk("/"):
    if folder.startswith(("/proc", "/sys", "/usr", "/lib")) or "site-packages" in folder:
        continue
    for name in files:
        if name.startswith("mini_lab"):
            with open(os.path.join(folder, name), errors="replace") as file:
                print(folder, file.read())
