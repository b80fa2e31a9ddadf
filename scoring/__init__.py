"""The pure core: ledgers, facts, value, tiers, deadlines as functions of their arguments. No clock, no network."""
