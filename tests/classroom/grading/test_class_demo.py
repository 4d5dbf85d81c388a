"""The demonstration plays all steps, and leaves what it promises."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is an instructor's package")
if not shutil.which("bwrap"):
    pytest.skip("bubblewrap is missing", allow_module_level=True)
pytestmark = pytest.mark.classroom

ROOT = Path(__file__).resolve().parents[3]


def test_the_demonstration_ends_with_grades_for_everybody(tmp_path):
    folder = tmp_path / "demo"
    call = [sys.executable, "tools/class_demo.py", "--folder", folder]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    with (folder / "course" / "grades_ps1.csv").open(encoding="utf-8-sig") as stream:
        lines = {line["student"]: line for line in csv.DictReader(stream)}
    assert len(lines) == 8 and {line["state"] for line in lines.values()} == {"graded"}
    best = float(lines["ada"]["of"])
    full = {name for name, line in lines.items() if float(line["points"]) == best}
    assert full == {"ada", "elif", "farid", "hugo"}
    flags = {name: {part.split(":")[0] for part in line["flags"].split(" | ") if part}
             for name, line in lines.items()}  # fmt: skip
    assert {name: found for name, found in flags.items() if found} == {
        "dilan": {"time-out"},
        "farid": {"several"},
        "gita": {"suspicious", "recheck-failed"},
        "hugo": {"late"},
    }
    assert (folder / "handed_out" / "ps1.zip").is_file()
    for part in done.stdout.split("What to look at:")[1].split("\n")[1::2]:
        assert not part.strip() or Path(part.strip()).exists()
