"""`make run`: build what is missing, start the server, say the address when it answers."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from dashboard.settings import ROOT, Settings, settings

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 60.0
log = logging.getLogger("stayline")


def free_port(wanted: int) -> int:
    """The wanted port, or the next free one."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
        return port
    raise SystemExit(f"No free port from {wanted} to {wanted + 99}; choose one with PORT=.")


def _build_embedded(own: Settings) -> None:
    if own.data == "crm" or own.embedded_database.exists():
        return
    own.embedded_database.parent.mkdir(parents=True, exist_ok=True)
    module = "data_access.demo" if own.data == "demo" else "data_access.real"
    log.info("Building the %s CRM (once) …", own.data)
    command = [sys.executable, "-m", module, "--to", str(own.embedded_database)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SystemExit("The embedded CRM could not be built; see the lines above.")


def _publish_first(own: Settings) -> None:
    if (own.snapshots / "CURRENT").exists():
        return
    log.info("Reading the CRM and publishing the first snapshot (once) …")
    command = [sys.executable, "-m", "dashboard.refresh"]
    # a failure is said by refresh and again on the page; the dashboard opens all the same
    subprocess.run(command, cwd=ROOT, check=False)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/livez", timeout=1) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _serve(port: int) -> int:
    address = f"http://{_HOST}:{port}"
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"),
        "--server.port", str(port), "--server.address", _HOST, "--logger.level", "warning",
    ]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(address):
            if server.poll() is not None:
                return server.returncode
            if time.monotonic() > deadline:
                raise SystemExit(f"The server did not answer within {_PATIENCE_SECONDS:.0f} s.")
            time.sleep(0.1)
        log.info("Stayline is open at %s  (Ctrl+C to stop)", address)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait(timeout=10)


def main() -> int:
    """Build, publish, serve until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    own = settings()
    _build_embedded(own)
    _publish_first(own)
    wanted = os.environ.get("STAYLINE_PORT", "8501")
    if not wanted.isdigit():
        raise SystemExit(f"PORT is {wanted!r}; it must be a number such as 8501.")
    return _serve(free_port(int(wanted)))


if __name__ == "__main__":
    Path(settings().home).mkdir(parents=True, exist_ok=True)
    sys.exit(main())
