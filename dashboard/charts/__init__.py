"""Figures: a tidy frame and column names in, a plotly figure out."""
