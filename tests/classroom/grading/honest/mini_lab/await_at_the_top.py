# shows: await at the top of a cell

# %% first
import asyncio

await asyncio.sleep(0.01)


# %% answer double
async def one(value):
    await asyncio.sleep(0)
    return 2 * value


def double(values):
    return [2 * value for value in values]


# %% after double
print(await one(3))
