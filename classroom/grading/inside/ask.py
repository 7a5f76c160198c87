"""What the grader asks a kernel to run when an examiner waits at the door."""

ASK = "__import__('classroom.grading.inside.door', fromlist=['serve']).serve()"
