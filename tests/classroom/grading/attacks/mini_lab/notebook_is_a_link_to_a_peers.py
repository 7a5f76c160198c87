# tries: to hand in a link to another learner's notebook
# trick: link NOTEBOOK ../../ada/LAB/LAB.ipynb
