"""The tests: what holds, said through the public door."""
