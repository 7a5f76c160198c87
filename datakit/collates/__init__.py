"""Samples → batch where samples differ in size, or mix: what :func:`datakit.default_collate` can't stack."""
