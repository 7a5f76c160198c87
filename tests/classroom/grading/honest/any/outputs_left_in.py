# shows: outputs of an earlier run left in, errors among them
# trick: ran_before
