"""A TCP proxy that can lose the network: between a worker and Redis."""

import select
import socket
from contextlib import suppress
from threading import Event, Thread


class Proxy:
    """Listens on loopback and passes everything on to a port, until it is frozen or cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: set[socket.socket] = set()
        self._flowing = Event()
        self._flowing.set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Packets vanish; nobody is told, as when a cable is pulled."""
        self._flowing.clear()

    def cut(self) -> None:
        """Every connection is torn down."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def heal(self) -> None:
        """Packets flow again; connections that were frozen are gone, as they are after a long cut."""
        self.cut()
        self._flowing.set()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            self._flowing.wait()
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                self._open |= {client, server}
                try:
                    self._pass(client, server)
                finally:
                    self._open -= {client, server}

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            readable, _, _ = select.select([client, server], [], [], 1)
            for sender in readable:
                data = sender.recv(65536)
                self._flowing.wait()
                if not data:
                    return
                (server if sender is client else client).sendall(data)
