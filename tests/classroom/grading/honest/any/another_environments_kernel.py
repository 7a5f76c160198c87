# shows: a kernel of another name
# trick: kernel my-python-3.12
