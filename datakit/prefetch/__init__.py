"""Host → device: batches are copied ahead, while the model computes on an earlier one.

Read ``slots.py`` for where a batch lies, ``devices.py`` for what a device is asked, and ``loader.py`` for who waits
for whom.
"""

from datakit.prefetch.loader import PrefetchLoader

__all__ = ["PrefetchLoader"]
