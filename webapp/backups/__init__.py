"""Backups: the whole of a ward's data in one file, made and put back while the system runs."""
