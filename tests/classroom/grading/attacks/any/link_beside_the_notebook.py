# tries: to have the instructor's notebook collected and given back by a link
# trick: link notes.txt ../../../source/LAB/LAB.ipynb
