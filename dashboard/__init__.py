"""Everything on screen that two pages share, and the command that refreshes the data."""
