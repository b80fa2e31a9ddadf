"""Recency, frequency, monetary: what marketers count, drawn from the same ledgers."""
