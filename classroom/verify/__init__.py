"""Does a lab grade fairly? Known answers are put into the released notebook, run, and marked by nbgrader's rules."""
