"""Units that are renamed, merged or split from a day on: old papers keep the old name, open work moves."""
