"""Hostile bytes, and what must hold whatever they are. Used by short tests and, for as long as one likes, by tests/soak/fuzz.py."""
