"""Events as bytes, as typed records, as facts for the ledger; and what goes out again."""
