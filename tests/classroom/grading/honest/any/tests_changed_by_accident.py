# shows: test cells changed by accident
# trick: empty_tests
