"""The real-data company: a CRM database made of five public data sets.

The populations are unrelated (an online shop, a help desk, air passengers, a bank's prospects,
98 states) and are never joined: only orders name a customer. Tables and optional columns that no
source records are absent, not empty, so that a page says "not recorded" instead of showing zeros.

Settings that fit: business time zone UTC (all times are the sources' own wall time, so days stay
what they were), money_scale 3, currency GBP (budgets carry their own, 'LCU-…').
"""
