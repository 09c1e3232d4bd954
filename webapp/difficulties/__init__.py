"""Difficulties (khó khăn, vướng mắc): raised at any moment, answered by the focal unit, the leaders or the city."""
