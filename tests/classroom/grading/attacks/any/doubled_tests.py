# tries: to put an empty twin behind each test
# trick: doubled_tests
