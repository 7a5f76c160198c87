# tries: to unlock the tests and empty them
# trick: grading_field locked false
# trick: empty_tests
