"""Indicators (chỉ tiêu): what a plan wants reached, what was reached, and how that stands."""
