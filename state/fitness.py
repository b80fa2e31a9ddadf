"""Whether a server may hold the memory, from what it says of itself (INFO)."""

OLDEST = (7, 0)  # scripts that declare themselves and fail before they write


def facts_of(info: bytes) -> dict[str, str]:
    """The lines of INFO."""
    return dict(line.split(":", 1) for line in info.decode(errors="replace").splitlines() if ":" in line)


def objections(facts: dict[str, str]) -> list[str]:
    """Why this server cannot serve; empty where it can."""
    version = facts.get("redis_version", "0")
    found = []
    if _numbers(version) < OLDEST:
        found.append(f"is version {version}: Ebbtide needs Redis 7.0 or newer, or Valkey")
    if facts.get("role") == "slave":
        found.append("is a replica and takes no writes: set EBBTIDE_REDIS_URL to its primary")
    if _evicts(facts) and facts.get("maxmemory", "0") != "0":
        found.append(
            f"throws keys away when memory is short (maxmemory-policy {facts['maxmemory_policy']}): "
            "set maxmemory-policy noeviction"
        )
    return found


def warnings(facts: dict[str, str]) -> list[str]:
    """What an operator should change although it works."""
    found = []
    if _evicts(facts):
        found.append(
            f"would throw keys away if maxmemory were set (maxmemory-policy {facts['maxmemory_policy']}): "
            "set maxmemory-policy noeviction"
        )
    if facts.get("aof_enabled") == "0":
        found.append(
            "keeps no append-only file: after a crash it comes back older, and what is missing is replayed from Kafka"
        )
    return found


def _evicts(facts: dict[str, str]) -> bool:
    # volatile-* policies only touch keys that expire, and none of ours does
    return facts.get("maxmemory_policy", "").startswith("allkeys")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
