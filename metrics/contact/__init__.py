"""Contact: how often, on which channel, with what, how customers answer, and what is tried."""
