"""Run the commands of a class."""

import sys

from lessons_lib.classroom.grading.entry import main

if __name__ == "__main__":
    sys.exit(main())
