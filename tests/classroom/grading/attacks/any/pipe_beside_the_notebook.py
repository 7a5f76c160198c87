# tries: to put a named pipe beside the notebook
# trick: pipe data.csv
