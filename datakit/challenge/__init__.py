"""The pipeline challenge: a pipeline that crawls is made fast, and still yields the same batches, byte for byte.

``slow_pipeline`` is where everybody starts, and what everybody is held against. ``lap`` runs a pipeline once, in a
process of its own; ``race`` runs both in turn and compares. Points come from counts and identity alone. Speed is a
ratio between two runs on one machine; it gives a place in the ranking, and no points.
"""

PICTURES = 132  # in an epoch: no multiple of the batch size, so that a dropped last batch is seen
