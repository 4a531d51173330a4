"""The command gotwatch, and python -m gotwatch.

Every child process imports its parent's main module once more, so this one brings in nothing before it is called.
"""

import sys


def main() -> int:
    from gotwatch.cli import main as command_line  # noqa: PLC0415  children do without it

    return command_line.main()


if __name__ == "__main__":
    sys.exit(main())
