# tries: to be run by another kernel
# trick: kernel bash
