"""Grading a class with nbgrader: every submission in a sandbox, every decisive function twice."""
