"""Procedures tried on the real engine before they reach anybody."""
