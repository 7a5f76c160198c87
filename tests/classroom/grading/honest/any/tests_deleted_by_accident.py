# shows: test cells deleted by accident
# trick: without_tests
