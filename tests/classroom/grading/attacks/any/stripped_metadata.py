# tries: to take all that says which cell is which
# trick: stripped_metadata
