"""Reading the organisation: frozen values, never rows."""
