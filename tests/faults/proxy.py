"""A port of this machine that leads to a server, as well or as badly as it is told.

It is a process of its own, because connectorx lets no other thread of its process run.
"""

from __future__ import annotations

import select
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress

_HOST = "127.0.0.1"
_PIECE = 65_536
_RESET = struct.pack("ii", 1, 0)  # linger for no time: close with RST instead of FIN


class Proxy:
    """Forwards every connection; at most one fault at a time, and `heal` ends it."""

    def __init__(self, host: str, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.port = int(self._answer())

    def heal(self) -> None:
        """Forward everything at once."""
        self._tell("heal")

    def freeze(self, *, after: int = 0) -> None:
        """Let nothing more through either way, and keep the connections.

        Args:
            after: So many bytes of the server, over all connections; none: be silent.
        """
        self._tell("freeze", after)

    def reset(self, *, after: int) -> None:
        """Break every connection through which something comes, after so many bytes."""
        self._tell("reset", after)

    def trickle(self, bytes_per_second: int) -> None:
        """Let the server's bytes through slowly."""
        self._tell("trickle", bytes_per_second)

    def close(self) -> None:
        """Accept no more connections."""
        self._tell("close")

    def open(self) -> None:
        """Accept connections again, on the same port."""
        self._tell("open")

    def end(self) -> None:
        """There is no such port any more."""
        self._process.communicate()

    def _tell(self, command: str, number: int = 0) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{command} {number}\n")
        assert self._answer() == "done"

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


class _Port:
    """The port, in its own process.

    What is frozen still notices when the client goes, and then lets the server know.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._number = 0
        self.open(0)
        self.become("heal", 0)

    def become(self, fault: str, number: int) -> None:
        self._fault, self._left, self._per_second = fault, number, number

    def open(self, _: int) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((_HOST, self._number))
        self._listener.listen()
        self._number = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self, _: int) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # else it listens until `accept` returns
        self._listener.close()

    def obey(self) -> None:
        """Do what the lines of the standard input say, until it ends."""
        _say(str(self._number))
        for line in sys.stdin:
            command, number = line.split()
            if command in ("open", "close"):
                getattr(self, command)(int(number))
            else:
                self.become(command, int(number))
            _say("done")

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._server) as server:
            while self._forward(client, server):
                pass

    def _forward(self, client: socket.socket, server: socket.socket) -> bool:
        """Carry the next piece; whether there may be more."""
        frozen = self._fault == "freeze" and self._left <= 0
        ready, _, _ = select.select([client] if frozen else [client, server], [], [])
        if client in ready:
            piece = client.recv(_PIECE)
            if not frozen:
                server.sendall(piece)
            return bool(piece)
        piece = server.recv(_PIECE)
        self._left -= len(piece)
        if self._fault == "trickle":
            time.sleep(len(piece) / self._per_second)
        elif self._fault == "freeze" and self._left <= 0:
            return True  # it is lost
        elif self._fault == "reset" and self._left <= 0:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        client.sendall(piece)
        return bool(piece)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _Port(sys.argv[1], int(sys.argv[2])).obey()
