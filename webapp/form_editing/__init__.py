"""Forms, changed by those who own a procedure: field by field, each change checked before it is kept."""
