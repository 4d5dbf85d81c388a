"""nbgrader for the instructor: where the course lies, and an exchange that trusts no folder."""

from lessons_lib.classroom.hub.settings import read_settings

SETTINGS = read_settings()
c = get_config()
c.CourseDirectory.root = str(SETTINGS.course_folder)
c.ExchangeFactory.collect = "lessons_lib.classroom.hub.collect.CarefulCollect"
c.ExchangeFactory.release_feedback = "lessons_lib.classroom.hub.release.CarefulReleaseFeedback"
