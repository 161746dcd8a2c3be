"""The network of a bad hall: a TCP proxy that cuts, delays, swallows, and breaks off in the middle of an answer."""

import asyncio
import random
from collections import Counter

PIECE = 65_536


class Wire:
    """What lies between one tablet and the server.

    `down`: nothing gets through, and what was open is cut. `trouble`: the chance, for each piece of data, that
    something happens to it. `events` counts what did. `port` is where the tablet connects.
    """

    def __init__(self, server_port: int, chance: random.Random):
        self.server_port, self.chance = server_port, chance
        self.trouble, self.events = 0.0, Counter()
        self._down = False
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._listener.close()
        self.cut()

    @property
    def down(self) -> bool:
        return self._down

    @down.setter
    def down(self, value: bool) -> None:
        if value and not self._down:
            self.events["down"] += 1
            self.cut()
        self._down = value

    def cut(self) -> None:
        """End all connections at once, without a goodbye."""
        for writer in list(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            writer.transport.abort()
            return
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:  # the server is dead
            writer.transport.abort()
            return
        both = (writer, to_server)
        self._open.update(both)
        try:
            await asyncio.gather(
                self._carry(reader, to_server, both, "question"), self._carry(from_server, writer, both, "answer")
            )
        except OSError:
            pass
        finally:
            self._open.difference_update(both)
            for one in both:
                one.transport.abort()

    async def _carry(self, source, sink, both, what: str) -> None:
        while data := await source.read(PIECE):
            if self.chance.random() < self.trouble:
                await self._misfortune(data, sink, what)
            sink.write(data)
            await sink.drain()
        for one in both:  # HTTP has no use for half a connection; what is written still arrives
            one.close()

    async def _misfortune(self, data: bytes, sink, what: str) -> None:
        """Something happens to a piece of data. Raises OSError when the connection does not survive it."""
        fate = self.chance.choice(("slow", "slow", "lost", "half", "swallowed"))
        self.events[f"{what} {fate}"] += 1
        if fate == "slow":
            await asyncio.sleep(self.chance.uniform(0.05, 1.0))
            return
        if fate == "half":
            sink.write(data[: len(data) // 2])
            await sink.drain()
        if fate == "swallowed":  # silence; the tablet's patience (8 s) ends before the longest of them
            await asyncio.sleep(10 if self.chance.random() < 0.1 else self.chance.uniform(0.2, 1.5))
        raise ConnectionResetError
