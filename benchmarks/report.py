"""What the benchmarks share: the machine's name, and tables that README.md carries."""

import json
import os
import platform
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def processor() -> str:
    """Name of the processor, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def machine() -> str:
    """One line that says where and when something was measured."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{processor()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}, "
        f"{time.strftime('%Y-%m-%d')}"
    )


def write_readme(name: str, text: str) -> None:
    """Put a table between its marks ``<!-- name: begin -->`` and ``end`` in README.md."""
    path = ROOT / "README.md"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = path.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def store(name: str, result: dict, path: Path, text: str) -> None:
    """Write a result as JSON, and its table into README.md."""
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    write_readme(name, text)
