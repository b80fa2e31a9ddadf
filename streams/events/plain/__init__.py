"""Orders as most are written, read by compiled code; everything else is left to streams.events.decode, which rules on it."""
