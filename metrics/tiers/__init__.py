"""Value tiers: their scheme, history, mix, movement and the concentration behind them."""
