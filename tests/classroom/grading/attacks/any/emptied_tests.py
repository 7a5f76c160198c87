# tries: to empty the tests
# trick: empty_tests
