"""Mistakes to put into the files of hub/kubernetes, by what they are about."""
