"""One measure a file: each takes the run and gives a finding."""
