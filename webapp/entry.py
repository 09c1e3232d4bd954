"""`quytrinh` from its first moment: whoever stops it while it loads is told so too, in one word."""

import os
import sys

OWNER_ONLY = 0o077
"""What is written (the database, attachments, backups) is for the account that runs the program, whatever holds it."""
STOPPED = 130
"""What shells say of a program that Ctrl-C ended."""
WORD = "\nĐã dừng.\n"  # After the terminal's own “^C”.


def main() -> None:
    """Load the command line, which takes a second, and run it."""
    os.umask(OWNER_ONLY)
    try:
        from webapp.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write(WORD)
        sys.exit(STOPPED)
