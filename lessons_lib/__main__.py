"""Run the library without a notebook: python -m lessons_lib denoise photo.dng -o clean.tif."""

import sys

from lessons_lib.command_line.entry import main

if __name__ == "__main__":
    sys.exit(main())
