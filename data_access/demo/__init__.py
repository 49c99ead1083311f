"""A company that does not exist: deterministic, of any size, with a known truth."""
