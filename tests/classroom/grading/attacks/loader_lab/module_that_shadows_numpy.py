# tries: to shadow NumPy by a file beside the notebook

# %% file numpy.py
raise SystemExit(0)
# %% file typing.py
raise SystemExit(0)
