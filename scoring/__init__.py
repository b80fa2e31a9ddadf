"""The pure core: ledgers, facts, value, tiers and deadlines as functions of their arguments. No clock, no network, no environment."""
