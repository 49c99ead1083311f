"""What each page asks, computed from the marts with `metrics` and kept per View."""
