# tries: to delete the tests
# trick: without_tests
