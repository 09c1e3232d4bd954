"""The process that opens one file for another: see `apart`."""

import sys

from webapp.plans.reading.apart import serve

serve(f"tep{sys.argv[1]}", sys.stdin.buffer, sys.stdout.buffer)
