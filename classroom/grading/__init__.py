"""Grade a class: intake → rebuild → run → examine → record → feedback, one step a file.

The verdict is reached outside the learner's process; see docs/administrators/grading.md.
"""
