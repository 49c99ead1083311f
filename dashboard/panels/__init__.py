"""The panels of each page: an answer becomes a message, a chart and a table."""
