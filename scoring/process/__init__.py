"""How purchases come and end: one file a process, each with the same scalar functions."""
