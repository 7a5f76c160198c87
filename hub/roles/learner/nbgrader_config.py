"""nbgrader's settings in the server of a learner."""

from pathlib import Path

load_subconfig("exchange.py", path=str(Path(__file__).resolve().parents[1]))
