"""Units and people of a People's Committee."""
