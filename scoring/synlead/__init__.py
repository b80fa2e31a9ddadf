"""The 2008 forecast of the source document: purchases and amounts of the next periods, from the last one with a purchase."""
