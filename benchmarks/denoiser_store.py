"""Results on disk, one JSON line each, so that a run that was killed goes on where it was."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

Result = dict


class Store:
    """Results by key; each is valid only for the fingerprint that it was stored with.

    A line is appended as soon as its result is there. Of two lines with the same key the
    later one counts, and a line that cannot be read (the process was killed while it wrote
    it) counts as missing.

    Parameters
    ----------
    path : Path
        The file; made with the first result.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lines = {line["key"]: line for line in map(_read, self._text()) if line}

    def _text(self) -> list[str]:
        if not self.path.exists():
            return []
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()

    def get(self, key: str, fingerprint: str) -> Result | None:
        """The stored result, or None where there is none or what it measured has changed."""
        line = self._lines.get(key)
        return line["result"] if line and line["fingerprint"] == fingerprint else None

    def put(self, key: str, fingerprint: str, result: Result) -> None:
        """Append one result and make sure that it is on the disk."""
        line = {"key": key, "fingerprint": fingerprint, "result": result}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a+b") as file:
            # A line that was cut short by a kill must not swallow this one.
            if file.tell() and not _ends_with_newline(file):
                file.write(b"\n")
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._lines[key] = line

    def forget(self, keys: Iterable[str]) -> None:
        """Drop these results, on the disk too."""
        for key in keys:
            self._lines.pop(key, None)
        if self.path.exists():
            text = "".join(json.dumps(line) + "\n" for line in self._lines.values())
            beside = self.path.with_suffix(".new")
            beside.write_text(text, encoding="utf-8")
            beside.replace(self.path)  # at once, so that a kill leaves the old or the new file


def _ends_with_newline(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _read(text: str) -> dict | None:
    try:
        line = json.loads(text)
    except json.JSONDecodeError:
        return None
    whole = isinstance(line, dict) and {"key", "fingerprint", "result"} <= line.keys()
    return line if whole else None
