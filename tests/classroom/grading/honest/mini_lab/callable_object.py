# shows: an object that can be called, for a function

# %% answer double
class Multiplier:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, values):
        return [self.factor * value for value in values]


double = Multiplier(2)
