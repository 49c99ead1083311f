"""Pure metrics: frames and arguments in, expressions or frames out."""
