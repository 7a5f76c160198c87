# shows: logging set up to talk a lot

# %% first
import logging

logging.basicConfig(level=logging.DEBUG, force=True)

# %% answer lengths
def lengths(words):
    logging.getLogger(__name__).error("not really an error: %s", words)
    return [len(word) for word in words]
