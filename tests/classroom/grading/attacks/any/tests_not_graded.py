# tries: to say that the tests aren't graded
# trick: grading_field grade false
