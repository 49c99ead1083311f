"""Members and their points, coupons, recommendations and reviews."""
