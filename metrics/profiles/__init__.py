"""Customer files: what is known, what can be used, what is double and what is out of date."""
