# tries: to move the tests before everything that could fail
# trick: tests_first
