"""Customer lifetime value: what each customer is expected to bring over the next five years.

rule (terms) and margin → staying (how many more months a segment's customers stay) → value (the
headline and the plans' formula, per customer), bg_nbd and gamma_gamma → second (the same question
asked of another model) → backtest (last year's forecasts against what came) → worth (all of it).
"""
