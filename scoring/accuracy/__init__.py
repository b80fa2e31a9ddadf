"""How good a forecast was, once the future has come."""
