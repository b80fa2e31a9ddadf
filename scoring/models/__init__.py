"""Value models over arrays of customers, one file each, all with the same verbs.

fit, p_alive, expected_orders, expected_profit, falls_below_at.
"""
