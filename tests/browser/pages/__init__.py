"""What people do in the pages, in their words."""
