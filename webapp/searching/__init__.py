"""Search over plans, tasks, reports and the names of files; diacritics may be left out."""
