# tries: to hand in a link to the instructor's notebook
# trick: link NOTEBOOK ../../../source/LAB/LAB.ipynb
