"""nbgrader's settings for this course.

`python -m lessons_lib.classroom.grading create FOLDER` copies them into the folder of your class
and puts a class seed of its own there.
"""

c = get_config()

# The hidden checks draw their cases from this whole number. Keep it to yourself, and choose
# another one each year. It is in no notebook; a submission's own kernel gets another number that
# is made from it.
c.WhyEdgesBlur.class_seed = None

c.CourseDirectory.course_id = "why-edges-blur"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "*Write here, in place of this line.*"
c.OverwriteCells.add_missing_cells = True

# `nbgrader autograde` and the Formgrader's button would run submissions with your rights, so they
# are refused; `python -m lessons_lib.classroom.grading grade` runs them in a sandbox.
c.Autograde.sanitize_preprocessors = ["lessons_lib.classroom.hub.sandbox_only.SandboxOnly"]

# Late work: nothing is taken off; the table says how late it is. To take off what you like, see
# nbgrader's documentation of `LateSubmissionPlugin`.
c.LateSubmissionPlugin.penalty_method = "none"
