"""The state anew from the log, into a shadow that then takes the place of what is live."""
