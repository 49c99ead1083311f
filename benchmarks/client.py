"""A reader without a browser: asks the server for a page over its websocket, and counts."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """One run of a page: wall and server CPU in milliseconds, bytes on the wire, if it failed."""

    wall: float
    cpu: float
    bytes: int
    failed: bool = False


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_megabytes(pid: int, kind: str = "VmRSS") -> float:
    """Resident memory of a process: now, or its peak (`VmHWM`)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) / 1024
    return float("nan")


class Client:
    """One session on the server."""

    def __init__(self, port: int, pid: int) -> None:
        self.url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self.pid = pid

    async def __aenter__(self) -> Client:
        self.socket = await websockets.connect(
            self.url,
            subprotocols=["streamlit"],
            max_size=None,
            compression=None,  # type: ignore[list-item]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def run(self, page: str, query: str) -> Run:
        """Ask for a page with an address, and wait until its script has finished."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = "" if page == "overview" else calc_hash(page)
        message.rerun_script.page_name = "" if page == "overview" else page
        received, failed = 0, False
        cpu, began = cpu_seconds(self.pid), time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            data = await asyncio.wait_for(self.socket.recv(), 300)
            received += len(data)
            forward = ForwardMsg()
            forward.ParseFromString(data)  # pyright: ignore[reportArgumentType]
            failed = failed or _says_an_error(forward)
            if forward.WhichOneof("type") == "script_finished":
                break
        wall = (time.perf_counter() - began) * 1000
        return Run(wall, (cpu_seconds(self.pid) - cpu) * 1000, received, failed)


def _says_an_error(forward: ForwardMsg) -> bool:
    if forward.WhichOneof("type") == "script_finished":
        return forward.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY
    element = forward.delta.new_element
    kind = element.WhichOneof("type")
    return kind == "exception" or (kind == "alert" and element.alert.format == Alert.ERROR)
