"""The libraries that are compared, one a file.

A peer has a ``TITLE``, its ``LIBRARIES`` (distributions, for their versions) and one function for each kind of case
that it takes part in. The function gets the work, prepares what the library needs, and returns an epoch: a function
that gives the batches of one epoch. A library is set up as its documentation shows; where that leaves a choice, a
comment says which set-up is used. (Not all choices were measured against each other.)
"""
