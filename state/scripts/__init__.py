"""The scripts that run inside Redis, by the digest under which it caches them."""

import hashlib
from importlib.resources import files
from typing import NamedTuple


class Script(NamedTuple):
    """A script's text and its digest."""

    text: bytes
    digest: bytes


def _read(name: str) -> Script:
    text = files(__package__).joinpath(name).read_bytes()
    return Script(text, hashlib.sha1(text, usedforsecurity=False).hexdigest().encode())


ACQUIRE = _read("acquire.lua")
COMMIT = _read("commit.lua")
TRIM = _read("trim.lua")
GRANT = _read("grant.lua")
SWITCH = _read("switch.lua")
