"""nbgrader for everybody on the class server: which course, and through which folder."""

from lessons_lib.classroom.hub.settings import read_settings

SETTINGS = read_settings()
c = get_config()
c.CourseDirectory.course_id = SETTINGS.course_id
c.Exchange.root = str(SETTINGS.exchange)
c.Exchange.timezone = "UTC"
