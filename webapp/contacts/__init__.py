"""Liên hệ ngoài phường: bodies without accounts, whom to write to there, and who of the ward enters for them."""
