"""`python -m classroom` is the same as `classroom`."""

from classroom.cli import app

app(prog_name="classroom")
