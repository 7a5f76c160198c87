"""A class to try the grader on: seeded submissions of right, wrong, honest, damaged and hostile learners."""
