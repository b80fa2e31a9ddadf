"""Logs as one JSON object a line, for whoever collects them."""

import logging
from datetime import UTC, datetime

from msgspec import json


class JsonLines(logging.Formatter):
    """time, level, logger, message; and the trace of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.encode(told).decode()
