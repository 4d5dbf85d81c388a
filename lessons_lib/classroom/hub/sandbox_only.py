"""The form's Autograde button must not run a submission with the instructor's rights."""

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor


class SandboxOnly(NbGraderPreprocessor):
    """Stop nbgrader's own autograding before it runs anything, and say what to do instead.

    nbgrader starts a submission's kernel as whoever pressed the button: its code could then read
    the sources and write the gradebook. The course's command starts it in a sandbox.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Refuse.

        Raises
        ------
        RuntimeError
            Always, with the command that grades in the sandbox.
        """
        name = resources.get("nbgrader", {}).get("assignment", "ASSIGNMENT")
        raise RuntimeError(
            "on this server submissions are graded in a sandbox, not by this button; in a "
            f"terminal: python -m lessons_lib.classroom.grading grade COURSE_FOLDER {name}"
        )
