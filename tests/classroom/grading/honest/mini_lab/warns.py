# shows: warnings, in cells and while it is tested

# %% first
import warnings

warnings.warn("the learner's own", stacklevel=1)

# %% answer double
def double(values):
    warnings.warn("in the answer", DeprecationWarning, stacklevel=2)
    warnings.warn("and once more", stacklevel=1)
    return [2 * value for value in values]
