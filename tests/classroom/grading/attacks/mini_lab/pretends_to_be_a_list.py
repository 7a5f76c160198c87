# tries: to lie about its class, its length and its comparison

# %% answer double
class Liar:
    __class__ = list

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return True

    def __len__(self):
        return 2

    def __bool__(self):
        return True

    def __getitem__(self, index):
        return self


def double(values):
    return Liar()


lengths = double
# %% answer lengths
pass
