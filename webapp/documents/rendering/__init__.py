"""Documents as files: dataclasses in, bytes out. Nothing here knows the web, the database or the clock."""
