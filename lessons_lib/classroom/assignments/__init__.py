"""Graded assignments: what each question asks of an answer, on seeds that nobody has seen."""
