"""Plans: reading a plan's file, confirming and issuing its tasks."""
