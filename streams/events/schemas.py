"""JSON Schema (2020-12) of every event and the AsyncAPI 3 document, generated: python -m streams.events.schemas [DIRECTORY]

A test regenerates them and compares. The schemas say what a Struct can: that "45.901" USD is over-precise, or that a
time lies ahead of the wall clock, only decode says.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from streams.config import INPUTS
from streams.events.out import DriftCleared, DriftRaised, DriftWarned, TierChanged
from streams.events.refusals import Reason
from streams.events.terms import TermsVersioned
from streams.events.types import TYPES

Json = dict[str, Any]

_VERSION = "1.0.0"  # of what the topics carry, not of the program
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KEY: Json = {"kafka": {"key": {"type": "string", "description": "customer_id", "minLength": 1, "maxLength": 128}}}
_NO_KEY: Json = {"kafka": {"key": {"type": "null", "description": "none: each copy names its partition"}}}
_DRIFT: dict[str, type[msgspec.Struct]] = {
    "drift.warned": DriftWarned,
    "drift.raised": DriftRaised,
    "drift.cleared": DriftCleared,
}
_COMMANDS: dict[str, type[msgspec.Struct]] = {"terms.versioned": TermsVersioned}
_OUT: dict[str, type[msgspec.Struct]] = {"tier.changed": TierChanged, **_DRIFT}
_CHANNELS = {
    "orders": "Orders, refunds, cancellations",
    "interactions": "Visits, inquiries, complaints, ratings, contacts, and what is known of a customer",
    "commands": "What is said about customers by people, and versions of model and boundaries, a copy in every partition",
    "tier-changes": "One record a tier change; a repeat has the same id",
    "drift-alerts": "Early warnings, levels of drift reached, returns; a repeat has the same id",
    "dead-letters": "Records that are no events, byte for byte as they came",
}
_TOLD = "As a CloudEvent (1.0, binary mode): ce_specversion, ce_id, ce_type, ce_source, ce_subject, ce_time"


def schema(event: type[msgspec.Struct]) -> Json:
    """The JSON Schema of one type, complete by itself."""
    whole = msgspec.json.schema(event)
    definitions = whole["$defs"]
    body = definitions.pop(event.__name__)
    name = str(event.__struct_config__.tag)
    return {
        "$schema": _DIALECT,
        "$id": f"{name}.json",
        **body,
        "title": name,
        **({"$defs": definitions} if definitions else {}),
    }


def asyncapi() -> Json:
    """The topics: who sends what on which."""
    messages = {name: _message(name, event) for name, event in {**TYPES, **_COMMANDS, **_OUT}.items()}
    on = {
        "orders": [name for name in TYPES if name.startswith("order.")],
        "interactions": [name for name in TYPES if not name.startswith("order.")],
        "commands": [*(name for name in TYPES if name.startswith("customer.")), *_COMMANDS],
        "tier-changes": ["tier.changed"],
        "drift-alerts": list(_DRIFT),
        "dead-letters": ["dead-letter"],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ebbtide",
            "version": _VERSION,
            "license": {"name": "Apache-2.0"},
            "description": "Customers' value from orders and interactions. EBBTIDE_TOPIC_PREFIX goes before every address. "
            "Events come bare, or as CloudEvents 1.0 in binary or structured mode; an event is taken from whichever input "
            "topic it comes on, a version from commands only.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, names) for topic, names in on.items()},
        "operations": {
            topic: {
                "action": "receive" if topic in INPUTS else "send",
                "channel": {"$ref": f"#/channels/{topic}"},
            }
            for topic in on
        },
        "components": {"messages": {**messages, "dead-letter": _dead_letter()}},
    }


def _channel(topic: str, names: list[str]) -> Json:
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"address": topic, "description": _CHANNELS[topic], "messages": references}


def _message(name: str, event: type[msgspec.Struct]) -> Json:
    told = {"description": _TOLD} if name in _OUT else {}
    return {
        "name": name,
        "summary": event.__doc__,
        **told,
        "payload": {"$ref": f"schema/{name}.json"},
        "bindings": _NO_KEY if name in _COMMANDS else _KEY,
    }


def _dead_letter() -> Json:
    headers = {key: {"type": "string"} for key in ("message", "topic", "partition", "offset", "time")}
    return {
        "name": "dead-letter",
        "summary": "A record that is no event: its key and value as they came; its headers too, each named original.NAME.",
        "contentType": "application/octet-stream",
        "headers": {
            "type": "object",
            "properties": {"reason": {"enum": [reason.value for reason in Reason]}, **headers},
            "required": ["reason", *headers],
        },
        "payload": {"description": "Any bytes"},
    }


def documents() -> dict[str, str]:
    """Every generated file: its path below docs/, and its text."""
    schemas = {f"schema/{name}.json": schema(event) for name, event in {**TYPES, **_COMMANDS, **_OUT}.items()}
    return {path: json.dumps(one, indent=2) + "\n" for path, one in {**schemas, "asyncapi.json": asyncapi()}.items()}


def write(directory: Path) -> None:
    """Write them all."""
    (directory / "schema").mkdir(parents=True, exist_ok=True)
    for path, text in documents().items():
        (directory / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
