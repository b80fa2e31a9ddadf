"""What `ebbtide fit` does: ledgers to histories, histories to models, models to verdicts and versions."""
