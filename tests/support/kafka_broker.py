"""Apache Kafka for the tests: one KRaft node from the jars on Maven Central, on loopback, gone with its parent."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from ebbtide.embedded.broker import METADATA
from ebbtide.embedded.server import HOST, Server, free_port, start

VERSION = "4.2.0"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>ebbtide</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>{VERSION}</version></dependency></dependencies></project>
"""
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
log.dirs={data}
broker.rack={mark}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes=16777216
auto.create.topics.enable=false
"""


def start_kafka(port: int | None = None, folder: Path | None = None, options: Sequence[str] = ()) -> Server:
    """A fresh Apache Kafka; the test is skipped where Java or Maven are missing, unless EBBTIDE_REQUIRE_KAFKA=1.

    With a folder, its data and its process id (`pid`) are kept there, so that it can be killed and started again on the
    same port; the mark that it answers with is its rack, not its cluster. Options are further lines of server.properties,
    with the names in braces that PROPERTIES has; of a key that is there twice, the last holds.
    """
    java, jars = _java(), _jars()
    kept = "." if folder is None else str(folder)

    def command(port: int, mark: str) -> Sequence[str]:
        known = {"host": HOST, "port": port, "controller": free_port(), "data": f"{kept}/data", "mark": mark}
        properties = "\n".join((PROPERTIES, *options)).format(**known)
        run = f"{java} -cp '{jars}/*' -Dlog4j2.level=WARN"
        cluster = mark + "AAAAAA"  # a cluster's id is 16 bytes in base64: 22 characters, the last four bits zero
        script = (
            f"cat > server.properties <<'END'\n{properties}\nEND\n"
            f"test -f {kept}/data/meta.properties || "
            f"{run} -Xmx256m kafka.tools.StorageTool format -t {cluster} -c server.properties && "
            f"echo $$ > {kept}/pid && exec {run} -Xmx512m kafka.Kafka server.properties"
        )
        return ["/bin/sh", "-c", script]

    return start("kafka", port, command, METADATA)


def behind_a_proxy(behind: int, before: int) -> tuple[str, str]:
    """Options for a second listener, on port `behind`, whose clients are told the proxy's port `before` as the broker's."""
    return (
        f"listeners=PLAINTEXT://{{host}}:{{port}},PROXIED://{{host}}:{behind},CONTROLLER://{{host}}:{{controller}}",
        f"advertised.listeners=PLAINTEXT://{{host}}:{{port}},PROXIED://{{host}}:{before}",
    )


def has_kafka() -> bool:
    """Whether this machine can run one."""
    return shutil.which("java") is not None and shutil.which("mvn") is not None


def _java() -> str:
    java = shutil.which("java")
    if not has_kafka():
        _missing("Apache Kafka needs java and mvn, and one of them is missing")
    return str(java)


def _jars() -> Path:
    """Kafka's jars, fetched once for this user."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ebbtide" / f"kafka-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    jars = cache / "lib"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # suites that run side by side fetch once
        if not jars.exists():
            _fetch(cache, jars)
    return jars


def _fetch(cache: Path, jars: Path) -> None:
    (cache / "pom.xml").write_text(POM)
    partly = cache / "partly"
    fetched = subprocess.run(
        ["mvn", "-q", "-B", "-f", cache / "pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={partly}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        _missing(f"Maven could not fetch Apache Kafka: {fetched.stdout[-500:]}")
    partly.rename(jars)


def _missing(what: str) -> None:
    if os.environ.get("EBBTIDE_REQUIRE_KAFKA") == "1":
        pytest.fail(what)
    pytest.skip(what)
