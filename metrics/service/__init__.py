"""Service: whether customers are helped at once and for good, and whether mistakes are mended."""
