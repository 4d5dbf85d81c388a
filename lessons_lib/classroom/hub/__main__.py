"""Set a class server up: prepare, check, accounts, sizing."""

import argparse
import sys

from lessons_lib.classroom.hub import sizing
from lessons_lib.classroom.hub.prepare import accounts, prepare, problems, unreachable
from lessons_lib.classroom.hub.settings import read_settings


def main() -> int:
    """Do what the one word asks for; 0 if all is well."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons_lib.classroom.hub", description=__doc__.splitlines()[0]
    )
    parser.add_argument("command", choices=["prepare", "check", "accounts", "sizing"])
    command = parser.parse_args().command
    if command == "sizing":
        print(sizing.table())
        return 0
    settings = read_settings()
    if command == "accounts":
        print("\n".join(accounts(settings)))
        return 0
    if command == "prepare":
        prepare(settings)
    found = [*problems(settings), *unreachable(settings)]
    print("\n".join(found) if found else f"{settings.course_id}: folders and rights are in order")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
