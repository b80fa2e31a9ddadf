"""Rules -> care actions -> delivery. Begins with a later issue."""
