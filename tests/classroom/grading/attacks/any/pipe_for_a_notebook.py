# tries: to hand in a named pipe, which keeps whoever reads it waiting
# trick: pipe NOTEBOOK
