# tries: to shadow a module of the standard library that the test imports

# %% file random.py
import importlib.util
import sysconfig

spec = importlib.util.spec_from_file_location("true_random", sysconfig.get_path("stdlib") + "/random.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
globals().update(vars(module))


class Random(module.Random):
    def randint(self, low, high):
        return 0 if low < 0 else low
# %% first
import sys

sys.path.insert(0, "")
sys.modules.pop("random", None)
import random

# %% answer double
def double(values):
    return list(values)
