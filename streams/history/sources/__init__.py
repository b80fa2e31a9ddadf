"""Files of history as events: JSON Lines, CSV, Parquet, and adapters for files of other shapes."""
