"""Measurements, side by side in one run. Run one with ``python -m benchmarks.NAME``."""
