# tries: to leave outputs in the tests that say full marks, and to have the tests skipped
# trick: forged_outputs
# trick: tag_tests skip-execution
