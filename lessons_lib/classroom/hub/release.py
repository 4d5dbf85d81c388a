"""Release feedback to everyone whose submission still has its secret; one without stops nobody."""

import shutil
from pathlib import Path

from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback

SECRET = "submission_secret.txt"


class CarefulReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's releaser, which names each page by a secret that came with the submission.

    The secret lies in a folder that its student could change: nbgrader stops at the first one
    that is missing. Here it is taken from what was collected, and whoever has none is named.
    """

    def copy_files(self) -> None:
        """Release all pages that can be."""
        excluded = self.coursedir.student_id_exclude
        without = [student for student in self._students() if not self._bring_secret(student)]
        self.coursedir.student_id_exclude = ",".join(filter(None, [excluded, *without]))
        try:
            super().copy_files()
        finally:
            self.coursedir.student_id_exclude = excluded

    def _students(self) -> list[str]:
        """Everyone for whom feedback was made."""
        pages = Path(self.coursedir.root).glob(
            f"{self.coursedir.feedback_directory}/*/{self.coursedir.assignment_id}"
        )
        return sorted(page.parent.name for page in pages)

    def _bring_secret(self, student: str) -> bool:
        """Put the submission's secret beside its feedback; False if there is none."""
        where = self.coursedir.format_path
        assignment = self.coursedir.assignment_id
        came = Path(where(self.coursedir.submitted_directory, student, assignment), SECRET)
        if not came.is_file():
            self.log.warning("%s: no feedback released; %s did not come along", student, SECRET)
            return False
        page = Path(where(self.coursedir.feedback_directory, student, assignment))
        shutil.copyfile(came, page / SECRET)
        return True
