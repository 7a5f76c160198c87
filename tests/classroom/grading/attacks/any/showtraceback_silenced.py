# tries: to swallow the error that IPython would show

# %% first
shell = get_ipython()
shell.showtraceback = lambda *arguments, **names: None
shell._showtraceback = lambda *arguments, **names: None
