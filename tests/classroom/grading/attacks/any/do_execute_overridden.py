# tries: to let the kernel answer "ok" without running anything
# ends: late

# %% first
kernel = get_ipython().kernel


async def do_execute(code, silent, store_history=True, *arguments, **names):
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}


kernel.do_execute = do_execute
