"""Write lessons_lib/scenes/standard_sets.tsv from ../shared/data/MANIFEST.tsv.

Only facts go in: name, size, sha256, origin, licence found. The images themselves are
not part of the project. Run from the repository root: ``python tools/make_standard_sets.py``.
"""

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ROOT.parent / "shared" / "data" / "MANIFEST.tsv"
TABLE = ROOT / "lessons_lib" / "scenes" / "standard_sets.tsv"
FOLDERS = {
    "Set12": "eval/Set12/",
    "BSD68": "eval/BSD68/",
    "CBSD68": "eval/CBSD68/",
    "CC15": "real/CC15/",
    "RNI15": "real/RNI15/",
    "NC12": "real/NC12/",
}


def standard_rows(manifest: Path) -> list[list[str]]:
    with open(manifest, encoding="utf-8", newline="") as file:
        entries = list(csv.DictReader(file, delimiter="\t"))
    return [
        [name, entry["file"], entry["bytes"], entry["sha256"], entry["source"], entry["licence"]]
        for name, folder in FOLDERS.items()
        for entry in sorted(entries, key=lambda entry: entry["file"])
        if entry["file"].startswith(folder)
    ]


def main(manifest: Path = MANIFEST, table: Path = TABLE) -> None:
    if not manifest.is_file():
        sys.exit(f"no manifest at {manifest}; it lies in the shared data folder")
    with open(table, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["set", "file", "bytes", "sha256", "source", "licence"])
        writer.writerows(standard_rows(manifest))


if __name__ == "__main__":
    main()
