# shows: other names for parameters and locals, umlauts among them

# %% answer double
def double(zahlen):
    größer = [zahl * 2 for zahl in zahlen]
    return größer


# %% answer lengths
def lengths(wörter):
    return [len(wort) for wort in wörter]
