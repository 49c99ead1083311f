"""Figures: how long, how much memory, how many bytes; ratios against a peer in the same run."""
