"""The three forms of an event, told apart by the record, all rewritten as the bare one: the fields in one object.

CloudEvents 1.0 binary: headers ce_*, the value is the data. Structured: content-type application/cloudevents+json, or without
headers an object that has specversion and data. Attributes fill in what the data leaves out: id, type, subject as
customer_id, time as occurred_at. An id, type or subject that the data contradicts is refused. A time is not: many
libraries put the moment of sending there, so the data's occurred_at holds.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence

import msgspec

from streams.events.refusals import Reason, RefusedError, shown

Headers = Sequence[tuple[str, bytes]]
Fields = dict[str, msgspec.Raw]

_FIELDS = msgspec.json.Decoder(Fields)
_TEXT = msgspec.json.Decoder(str)
_ENCODE = msgspec.json.Encoder().encode
_FILLS = (("id", "id"), ("type", "type"), ("customer_id", "subject"), ("occurred_at", "time"))  # field, attribute
_VERSION = "1.0"


def bare(value: bytes, headers: Headers) -> bytes:
    """The value as a bare event."""
    attributes, content_type = _read(headers)
    if content_type.startswith("application/cloudevents+json"):
        return structured(value, attributes)
    if content_type.startswith("application/cloudevents"):
        raise RefusedError(
            Reason.SCHEMA, f"content-type {shown(content_type)}: of CloudEvents, only single ones in JSON are read"
        )
    return _filled(_object(value, "the value"), attributes) if attributes else value


def structured(value: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """The data of a structured CloudEvent as a bare event."""
    envelope = _object(value, "the value")
    attributes = dict(headers or {})
    for name in ("specversion", *(attribute for _, attribute in _FILLS)):
        if name in envelope:
            text = _text(envelope[name], name)
            if attributes.setdefault(name, text) != text:
                raise _contradiction("header ce_" + name, attributes[name], text)
    if "specversion" not in envelope:
        raise RefusedError(Reason.SCHEMA, "content-type says CloudEvents, but the value has no specversion")
    return _filled(_object(_data(envelope), "data"), attributes)


def is_structured(value: bytes) -> bool:
    """Whether an object without headers says itself that it is a CloudEvent."""
    try:
        fields = _FIELDS.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return "specversion" in fields and ("data" in fields or "data_base64" in fields)


def _read(headers: Headers) -> tuple[dict[str, str], str]:
    attributes: dict[str, str] = {}
    content_type = ""
    for name, raw in headers:
        is_attribute = name.startswith("ce_")
        if not is_attribute and name.lower() != "content-type":
            continue
        try:
            text = raw.decode()
        except (UnicodeDecodeError, AttributeError):  # a header may have no value at all
            raise RefusedError(Reason.SCHEMA, f"header {shown(name)} is not UTF-8") from None
        if not is_attribute:
            content_type = text.strip().lower()
        elif attributes.setdefault(name[3:], text) != text:
            raise _contradiction("header " + name, attributes[name[3:]], text)
    return attributes, content_type


def _filled(fields: Fields, attributes: Mapping[str, str]) -> bytes:
    if attributes.get("specversion", _VERSION) != _VERSION:
        raise RefusedError(
            Reason.SCHEMA, f"CloudEvents {shown(attributes['specversion'])} is not read, only {_VERSION}"
        )
    for field, attribute in _FILLS:
        told = attributes.get(attribute)
        if told is None:
            continue
        if field not in fields:
            fields[field] = msgspec.Raw(_ENCODE(told))
        elif field != "occurred_at" and _text(fields[field], field) != told:
            raise _contradiction(attribute, told, _text(fields[field], field))
    return _ENCODE(fields)


def _data(envelope: Fields) -> bytes | msgspec.Raw:
    if "data" in envelope:
        return envelope["data"]
    if "data_base64" not in envelope:
        raise RefusedError(Reason.SCHEMA, "the CloudEvent has no data")
    try:
        data = base64.b64decode(_text(envelope["data_base64"], "data_base64"), validate=True)
        data.decode()
    except (ValueError, binascii.Error):
        raise RefusedError(Reason.SCHEMA, "data_base64 is not UTF-8 in base64") from None
    return data


def _object(value: bytes | msgspec.Raw, what: str) -> Fields:
    try:
        return _FIELDS.decode(value)
    except msgspec.ValidationError as problem:
        raise RefusedError(Reason.SCHEMA, f"{what} is not an object") from problem


def _text(raw: msgspec.Raw, name: str) -> str:
    try:
        return _TEXT.decode(raw)
    except msgspec.DecodeError:
        raise RefusedError(Reason.SCHEMA, f"{name} is not a text") from None


def _contradiction(name: str, one: str, other: str) -> RefusedError:
    return RefusedError(Reason.SCHEMA, f"{name} says {shown(one)}, the value {shown(other)}")
