"""`make run`: build what is missing, start the server, say the address when it answers."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from dashboard.settings import ROOT, Settings, settings

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 60.0
_PORTS_TRIED = 100
_LAST_PORT = 65_535
log = logging.getLogger("stayline")


def wanted_port(text: str) -> int:
    """The port a reader asked for.

    Raises:
        SystemExit: It is not the number of a port.
    """
    if text.isdecimal() and 0 < int(text) <= _LAST_PORT:
        return int(text)
    raise SystemExit(f"PORT is {text!r}; it must be a number such as 8501.")


def free_port(wanted: int) -> int:
    """The wanted port, or the next free one.

    Raises:
        SystemExit: None of the next hundred is free.
    """
    last = min(wanted + _PORTS_TRIED - 1, _LAST_PORT)
    for port in range(wanted, last + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
        if port != wanted:
            log.info("Port %d is taken; taking %d.", wanted, port)
        return port
    raise SystemExit(f"No free port from {wanted} to {last}; choose one with PORT=.")


def _begin(*arguments: str, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Start one of our modules in a process group of its own.

    Ctrl+C then reaches this process only, which ends the other without a trace on the screen.
    """
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else None,
        process_group=0,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _finished(*arguments: str) -> bool:
    process = _begin(*arguments)
    try:
        return process.wait() == 0
    finally:
        _end(process)


def prepare(own: Settings) -> None:
    """Build the embedded CRM and publish its first snapshot, where they are not there yet."""
    _build_embedded(own)
    _publish_first(own)


def _build_embedded(own: Settings) -> None:
    if own.data == "crm" or own.embedded_database.exists():
        return
    own.embedded_database.parent.mkdir(parents=True, exist_ok=True)
    module = "data_access.demo" if own.data == "demo" else "data_access.real"
    log.info("Building the %s CRM (once) …", own.data)
    if not _finished(module, "--to", str(own.embedded_database)):
        raise SystemExit("The embedded CRM could not be built; see the lines above.")


def _publish_first(own: Settings) -> None:
    if own.lake or (own.snapshots / "CURRENT").exists():
        return  # who refreshes a lake, does so from elsewhere
    log.info("Reading the CRM and publishing the first snapshot (once) …")
    if not _finished("dashboard.refresh"):
        log.info("The dashboard opens without data; `make refresh` tries again.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/livez", timeout=1) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _serve(port: int) -> int:
    address = f"http://{_HOST}:{port}"
    server = _begin(
        "streamlit", "run", str(ROOT / "streamlit_app.py"),
        "--server.port", str(port), "--server.address", _HOST, "--logger.level", "warning",
        quiet=True,
    )  # fmt: skip
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
    finally:
        _end(server)


def main() -> int:
    """Build, publish, serve until stopped; nothing that was started here outlives it."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        own = settings()
        wanted = wanted_port(os.environ.get("STAYLINE_PORT", "8501"))
        prepare(own)
        return _serve(free_port(wanted))
    except ValueError as error:
        raise SystemExit(f"{error}.") from None
    except KeyboardInterrupt:
        log.info("Stopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
