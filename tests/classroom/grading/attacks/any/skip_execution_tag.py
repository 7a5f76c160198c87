# tries: to have the tests skipped by a tag
# trick: tag_tests skip-execution
