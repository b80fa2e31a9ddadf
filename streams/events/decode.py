"""One record -> a fact, or a version, or the reason why it is neither. Never raises, whatever the bytes.

A good bare event is read in one pass. Only where that fails is the record looked at again, to name the first reason
in the order of streams.events.refusals.Reason.
"""

import re
from typing import TypeAlias

import msgspec

from streams.config import COMMANDS
from streams.events import forms, terms_records
from streams.events.facts import DecodeRules, Fact, fact_of
from streams.events.money import exact
from streams.events.refusals import Reason, Refusal, RefusedError, said, shown
from streams.events.types import TYPES, AnyEvent
from streams.versions import Versioned

__all__ = ["DecodeRules", "Fact", "Reason", "Refusal", "Told", "decode"]

Told: TypeAlias = Fact | Versioned | Refusal


class _Typed(msgspec.Struct):
    type: str


_EVENT: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent, float_hook=exact)
_TYPED = msgspec.json.Decoder(_Typed)
_JSON = msgspec.json.Decoder(msgspec.Raw)  # checks that it is well-formed, makes nothing of it
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_STRUCTURED = (("content-type", b"application/cloudevents+json"),)

# What msgspec does not read although it is JSON: a surrogate without its other half, and an integer of thousands of digits.
_PAIR_OR_LONE = re.compile(rb"\\\\|(\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]..")
_ENDLESS = re.compile(rb"(?<=[:,\[\s])-?[0-9]{300,}(?![0-9.eE])")


def decode(topic: str, value: bytes | None, headers: forms.Headers, rules: DecodeRules, wall_us: int | None) -> Told:
    """What a record tells. wall_us: now in live time, for events from the future; None in a replay."""
    if not value:
        return Refusal(Reason.NOT_JSON, "there is no value: a tombstone means nothing here")
    if len(value) > rules.max_event_bytes:
        return Refusal(Reason.TOO_LARGE, f"{len(value)} bytes; EBBTIDE_MAX_EVENT_BYTES is {rules.max_event_bytes}")
    try:
        if not value.isascii():
            value.decode()  # msgspec passes over unknown fields without looking at their UTF-8
        return fact_of(_EVENT.decode(forms.bare(value, headers) if headers else value), rules, wall_us)
    except RefusedError as refused:
        malformed = _malformed(value) if headers else None  # headers were looked at before the value
        return malformed or Refusal(refused.reason, refused.message)
    except _UNREADABLE as problem:
        malformed = _malformed(value)
        if malformed:
            return malformed
        if not headers and forms.is_structured(value):
            return decode(topic, value, _STRUCTURED, rules, wall_us)
        return _second_look(topic, value, headers, problem, rules, wall_us)


def _malformed(value: bytes) -> Refusal | None:
    try:
        value.decode()
        _JSON.decode(_with_whole_characters(value))
    except _UNREADABLE as problem:
        return Refusal(Reason.NOT_JSON, said(problem))
    return None


def _second_look(
    topic: str, value: bytes, headers: forms.Headers, problem: Exception, rules: DecodeRules, wall_us: int | None
) -> Versioned | Refusal:
    """Why well-formed JSON could not be read as an event; or that it is a version."""
    readable = _ENDLESS.sub(b"1e99", _with_whole_characters(value))
    if readable != value:
        again = decode(topic, readable, headers, rules, wall_us)
        unreadable = Refusal(Reason.SCHEMA, "a lone surrogate or an endless number is in it")
        return again if isinstance(again, Refusal) else unreadable
    try:
        bare = forms.bare(value, headers) if headers else value
        named = _TYPED.decode(bare).type
        if topic == COMMANDS and named == terms_records.TYPE:
            return terms_records.read_terms(bare, rules, wall_us)
    except RefusedError as refused:
        return Refusal(refused.reason, refused.message)
    except msgspec.DecodeError as untyped:
        return Refusal(Reason.SCHEMA, said(untyped))
    if (
        named not in TYPES
    ):  # a version elsewhere than on commands, too: whoever may tell of orders may not change models
        return Refusal(Reason.TYPE, f"{shown(named)} is no type of event, in topic {topic}")
    return Refusal(Reason.SCHEMA, said(problem))


def _with_whole_characters(value: bytes) -> bytes:
    """Lone surrogates replaced by the control character NUL, which in an id is refused as `identity` as they are."""
    return _PAIR_OR_LONE.sub(_kept_or_nul, value) if b"\\u" in value else value


def _kept_or_nul(match: re.Match[bytes]) -> bytes:
    return match[0] if match[1] or match[0] == b"\\\\" else b"\\u0000"
