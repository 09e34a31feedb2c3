"""`python -m alliance_health.local run|reset|lint`, as the Makefile calls it."""

import sys

from alliance_health.local import checks, laptop


def main(arguments: list[str]) -> int:
    """Run one of the commands; return the exit code."""
    match arguments:
        case ["run", *rest]:
            return laptop.run(rest)
        case ["reset", *rest]:
            return laptop.reset(rest)
        case ["lint"]:
            return 1 if checks.run_all() else 0
        case _:
            print("Say what to do: run, reset or lint.", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
