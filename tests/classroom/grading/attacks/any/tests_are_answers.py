# tries: to say that the tests are answers, which nobody overwrites
# trick: grading_field solution true
# trick: empty_tests
