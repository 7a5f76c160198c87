# tries: to turn the tests into text cells
# trick: tests_as_text
