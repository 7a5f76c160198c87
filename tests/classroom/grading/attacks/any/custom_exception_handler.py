# tries: to handle AssertionError as IPython lets one do, by doing nothing

# %% first
get_ipython().set_custom_exc((Exception,), lambda *arguments, **names: [])
