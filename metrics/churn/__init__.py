"""Churn of customers who buy again and again without a contract.

A customer is churned once silent for `tau` days, a multiple of the usual gap between purchases.
The model does not predict that state; it predicts the next purchase, on landmark rows, with one
baseline for each band of silence. The probability of churn follows from it and from tau, so tau
can be moved without fitting again.

rhythm (usual gap, tau) → events, features (a customer at a day) → landmarks (training rows)
→ guard and fit (lifelines) → model (what is kept) → score, drivers → risk (one row a customer).
Backwards: purchases (of everybody, by day) → past (the risk on many days) → history (its counts).
"""
