"""The instructor's side of datakit: build, verify and grade the labs. Never on a learner's machine."""
