"""What runs inside the sandbox, on the learner's side of the wall: nothing here decides a point, nothing is secret.

The warm parent (`parent`) forks a keeper (`keeper`) for each kernel. The keeper takes a room of its own (`room`),
starts the kernel in it (`kernel`), watches it from outside the room, and ends it.
"""
