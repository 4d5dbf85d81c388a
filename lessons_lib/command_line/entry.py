"""From arguments to an exit code; every error in words."""

import sys

from lessons_lib.command_line.arguments import parser
from lessons_lib.command_line.progress import speaker

DONE, PROBLEM, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(given: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    given : list of str, optional
        The arguments; those of the process if not given.

    Returns
    -------
    int
        0 done, 1 a problem with the photo or the disk, 2 wrong usage, 130 interrupted. A
        request for help, and arguments that cannot be read, end in SystemExit as always.
    """
    asked = parser().parse_args(given)
    from lessons_lib.command_line import commands  # here: --help need not wait for SciPy

    run = {"denoise": commands.denoise, "noise": commands.noise}[asked.command]
    try:
        run(asked, speaker(quiet=getattr(asked, "quiet", False)))
    except commands.WrongUsage as error:
        return _complain(str(error), WRONG_USAGE)
    except KeyboardInterrupt:
        return _complain("interrupted; nothing was written", INTERRUPTED)
    except MemoryError:
        return _complain("the memory is full; try a smaller --tile or --method wavelet", PROBLEM)
    except (ValueError, OSError, ModuleNotFoundError) as error:
        return _complain(_sentence(error, asked.photo), PROBLEM)
    return DONE


def _sentence(error: Exception, photo: str) -> str:
    """Name the photo where the message starts with its verb."""
    text = str(error)
    return f"{photo} {text}" if text.startswith(("is ", "has ")) else text


def _complain(text: str, code: int) -> int:
    print(f"python -m lessons_lib: {text}", file=sys.stderr)
    return code
