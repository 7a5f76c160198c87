# tries: to let answers and tests trade their ids
# trick: swapped_ids
