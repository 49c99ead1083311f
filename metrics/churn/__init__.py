"""Churn, in two regimes: of customers under contract, and of those who buy again and again.

Without a contract a customer is churned once silent for `tau` days, a multiple of the usual gap
between purchases. The model does not predict that state; it predicts the next purchase, on
landmark rows, with one baseline for each band of silence. The probability of churn follows from it
and from tau, so tau can be moved without fitting again. Under contract nobody is churned; the model
predicts the day on which the last contract ends, with one baseline for each band of tenure.
Everything else is one code for both (`regime`).

rhythm (usual gap, tau) → events, features (a customer at a day) → landmarks (training rows)
→ guard and fit (lifelines) → model (what is kept) → score, drivers → risk (one row a customer).
Under contract: contracts (who, since when, until when) → cancellation (training rows, scores).
Backwards: purchases (of everybody, by day) → past (the risk on many days) → history (its counts).
"""
