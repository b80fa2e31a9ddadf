"""The 2008 forecast of a file: made, and told as JSON, CSV and tables."""
