"""The instructor's side of the pipeline challenge: race what was handed in, and rank it."""
