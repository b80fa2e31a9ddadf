"""Logs for machines."""

import json
import logging
import sys

from streams.logs import JsonLines


def test_a_line_is_one_json_object_even_with_line_breaks_and_a_trace() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("streams.worker", logging.ERROR, "f", 1, "it %s", ("broke",), sys.exc_info())
    text = JsonLines().format(record)
    line = json.loads(text)
    assert "\n" not in text
    assert (line["level"], line["logger"], line["message"]) == ("error", "streams.worker", "it broke")
    assert line["trace"].endswith("ValueError: two\nlines")
