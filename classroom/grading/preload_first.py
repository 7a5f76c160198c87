"""What the workers' common ancestor imports first: `preload` lets collections happen again, at the end.

Collecting while torch is imported looks through all that there is time and again, a tenth of the start.
"""

import gc

gc.disable()
