"""nbgrader's form for grading by hand: its Autograde button must run nobody's code."""

c = get_config()
c.Autograde.sanitize_preprocessors = ["lessons_lib.classroom.hub.sandbox_only.SandboxOnly"]
