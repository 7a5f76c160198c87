# tries: to hand in a link to another learner's folder
# trick: folder_link ../ada/LAB
