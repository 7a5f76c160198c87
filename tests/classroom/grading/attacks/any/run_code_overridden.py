# tries: to let IPython run nothing any more and say that all went well
# ends: late

# %% first
async def run_code(code, result=None, *, async_=False):
    return False


get_ipython().run_code = run_code
