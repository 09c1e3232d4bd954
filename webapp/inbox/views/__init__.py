"""The pages of Hộp việc."""
