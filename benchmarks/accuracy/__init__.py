"""How true the scores are: figures on real shops and on simulated buyers, written to docs/accuracy.md."""
