# tries: to comment the asserts out in the lines that IPython compiles

# %% first
def quiet(lines):
    return ["# " + line if line.startswith("assert") else line for line in lines]


get_ipython().input_transformers_post.append(quiet)
