"""What customers say: whose answers count how much, what changes, what lies behind it."""
