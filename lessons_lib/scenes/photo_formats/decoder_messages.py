"""What decoders warn of or print: kept away from the learner, or turned into an error."""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from lessons_lib.scenes.photo_formats.limits import CUT_SHORT, PhotoError

_COMPLAINTS = (b"Unexpected end of file", b"data corrupted", b"JPEGLib:")


@contextmanager
def no_warnings() -> Iterator[None]:
    """Keep the decoders' own warnings away: what matters becomes an error or a note."""
    log = logging.getLogger("tifffile")
    was_disabled, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = was_disabled


@contextmanager
def nothing_printed() -> Iterator[None]:
    """Turn what LibRaw and libtiff only print into an error.

    Some decoders of theirs go on after damaged data and say so on the process's standard
    error, and nowhere else; so that is where it must be caught.

    Raises
    ------
    PhotoError
        If a decoder complained of damaged data; other prints arrive as they are.
    """
    saved = os.dup(2)
    with tempfile.TemporaryFile() as trap:
        os.dup2(trap.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            trap.seek(0)
            printed = trap.read()
    if any(words in printed for words in _COMPLAINTS):
        raise PhotoError(CUT_SHORT)
    os.write(2, printed)  # somebody else's
