"""Runs a command with limits on time, memory and files: what is left without bubblewrap.

It hides nothing: the command may read whatever the instructor may read, and use the network.
It stands alone, so that it starts fast:
python weak_sandbox.py CPU,MEMORY,FILE N NAME=VALUE... COMMAND
"""

import os
import subprocess
import sys
import tempfile

KEPT = ("SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "HOMEDRIVE", "HOMEPATH")
"""What Windows programs do not start without."""


def limit(cpu_seconds: int, memory_bytes: int, file_bytes: int) -> None:
    """Set the limits that this system knows; Windows knows none of them."""
    try:
        import resource
    except ImportError:
        return
    for name, value in (
        ("RLIMIT_CPU", cpu_seconds),
        ("RLIMIT_AS", memory_bytes),
        ("RLIMIT_FSIZE", file_bytes),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (allowed, allowed))


def main(words: list[str]) -> int:
    """Set the limits and become the command."""
    numbers, count = words[0], int(words[1])
    variables = dict(pair.split("=", 1) for pair in words[2 : 2 + count])
    command = words[2 + count :]
    limit(*map(int, numbers.split(",")))
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | variables
    environment["HOME"] = tempfile.mkdtemp(prefix="graded-")
    os.chdir(environment["HOME"])
    if os.name == "nt":
        return subprocess.call(command, env=environment)
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
