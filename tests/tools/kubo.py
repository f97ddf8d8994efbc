"""A real IPFS node on loopback that knows nobody and tells nobody anything."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.tools.build import program

_READY = "Daemon is ready"
_STOP_SECONDS = 30
_OFFLINE: Mapping[str, Any] = {
    # Random ports, no swarm, nobody to begin with, nothing looked up anywhere.
    "Addresses": {"API": "/ip4/127.0.0.1/tcp/0", "Gateway": [], "Swarm": []},
    "Bootstrap": [],
    "Discovery": {"MDNS": {"Enabled": False}},
    "Routing": {"Type": "none"},
    "Provide": {"Enabled": False},
    "AutoConf": {"Enabled": False},
    "AutoTLS": {"Enabled": False},
    "DNS": {"Resolvers": {}},
    "Ipns": {"DelegatedPublishers": []},
    "Swarm": {"DisableNatPortMap": True},
}


@contextmanager
def kubo(folder: Path, settings: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Run a node in a folder of its own for as long as the block runs, and yield the multiaddr of its API.

    Args:
        folder: Its repository; made when it is not there, kept when it is.
        settings: What to set otherwise than offline.
    """
    ipfs = program("ipfs")
    environment = os.environ | {"IPFS_PATH": str(folder), "IPFS_TELEMETRY": "off", "HOME": str(folder)}
    if not (folder / "config").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [ipfs, "init", "--empty-repo", "--algorithm=ed25519"],
            env=environment,
            check=True,
            capture_output=True,
        )
    file = folder / "config"
    file.write_text(json.dumps(json.loads(file.read_text()) | _OFFLINE | dict(settings or {})))
    (folder / "api").unlink(missing_ok=True)
    with subprocess.Popen(
        [ipfs, "daemon"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if _READY in line:
                break
        else:
            raise RuntimeError("the IPFS node did not start: " + "".join(said))
        try:
            yield (folder / "api").read_text()
        finally:
            process.terminate()
            try:
                process.communicate(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
