"""`quytrinh` from its first moment: whoever stops it while it loads is told so too, in one word."""

import sys

STOPPED = 130
"""What shells say of a program that Ctrl-C ended."""
WORD = "\nĐã dừng.\n"  # After the terminal's own “^C”.


def main() -> None:
    """Load the command line, which takes a second, and run it."""
    try:
        from webapp.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write(WORD)
        sys.exit(STOPPED)
