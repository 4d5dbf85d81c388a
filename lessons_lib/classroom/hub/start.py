"""Start a learner's server, as the learner: limits first, then the lessons, then JupyterLab.

JupyterHub has already changed to the learner's account when this runs, so whatever it writes it
writes with the learner's rights: a link that somebody put into their home leads nowhere new.
"""

import getpass
import os
import resource
import shutil
import sys
from pathlib import Path

from lessons_lib.classroom.hub.settings import PROJECT, ClassServer, read_settings

LESSONS = "lessons"


def set_limits(settings: ClassServer) -> None:
    """Limit this process and all that it starts; nobody but root can raise them again.

    ``RLIMIT_DATA`` counts private writable memory, so libraries and mapped files are free. It
    holds for each process, not for their sum; for the sum the guide names systemdspawner.
    """
    memory = int(settings.memory_gb * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NPROC, (settings.processes, settings.processes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def copy_lessons(source: Path, home: Path) -> list[Path]:
    """Put the lessons that are not there yet into the learner's home; what is there stays.

    Returns
    -------
    list of Path
        The new files.
    """
    folder = home / LESSONS
    folder.mkdir(exist_ok=True)
    missing = [
        each for each in sorted(source.glob("*.ipynb")) if not (folder / each.name).exists()
    ]
    return [Path(shutil.copy(each, folder / each.name)) for each in missing]


def main() -> None:
    """Become the learner's JupyterLab."""
    settings = read_settings()
    # A learner's files are nobody else's. The instructor's course folder is closed as a whole,
    # and the feedback that leaves it must be readable.
    os.umask(0o022 if getpass.getuser() == settings.instructor else 0o077)
    set_limits(settings)
    copy_lessons(PROJECT / "notebooks", Path.home())
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])


if __name__ == "__main__":
    main()
