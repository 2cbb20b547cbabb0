"""The proxy's HTTP client before upstreams that keep to HTTP, and ones that do not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from guardrail.client import Connection, Connections
from tests.readers import PATIENCE, nothing_left

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ASK = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CLOSES = OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi"
TWO = OK + b"Content-Length: 2\r\n\r\nhi"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Server:
    """Answers each request as told, and counts who came."""

    def __init__(self, answer: Answer) -> None:
        self.connections = 0
        self._answer = answer

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await self._answer(reader, writer)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def says(*pieces: bytes, closes: bool = False) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)
        if closes:
            raise ConnectionError

    return answer


@asynccontextmanager
async def before(answer: Answer) -> AsyncIterator[tuple[Connections, Server]]:
    told = Server(answer)
    async with nothing_left():
        server = await asyncio.start_server(told.talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connections = Connections(f"http://127.0.0.1:{port}")
        try:
            yield connections, told
        finally:
            connections.close()
            server.close()


async def asked(
    connections: Connections, *, body: bytes = b"", bodiless: bool = False, seconds: float = 5
) -> tuple[int, bytes, bool]:
    """Status, body, and whether all of it came; no status where no answer began."""
    connection = await connections.take(5)
    try:
        if not await connection.ask(ASK, body, bodiless=bodiless, seconds=seconds):
            return 0, b"", False
        whole = await read(connection)
        return connection.status, b"".join(whole), connection.ended
    finally:
        connections.give(connection)


async def read(connection: Connection) -> list[bytes]:
    pieces = []
    while not connection.ended and (piece := await connection.piece()):
        pieces.append(piece)
    return pieces


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(says(TWO), (200, b"hi", True), id="length"),
        pytest.param(says(TWO[:10], TWO[10:-1], b"i"), (200, b"hi", True), id="in pieces"),
        pytest.param(
            says(CHUNKED + b"1\r\nh\r\n", b"1;x=y\r\ni\r\n0\r\nx-more: 1\r\n\r\n"),
            (200, b"hi", True),
            id="chunks and a trailer",
        ),
        pytest.param(says(OK + b"\r\nh", b"i", closes=True), (200, b"hi", True), id="to the end"),
        pytest.param(says(b"HTTP/1.1 204 X\r\n\r\n"), (204, b"", True), id="no body"),
        pytest.param(says(b"HTTP/1.1 103 X\r\nA: b\r\n\r\n", TWO), (200, b"hi", True), id="hints"),
        pytest.param(says(closes=True), (0, b"", False), id="nothing"),
        pytest.param(says(b"junk\r\n\r\n"), (0, b"", False), id="junk"),
        pytest.param(says(TWO[:-1], closes=True), (200, b"h", False), id="cut"),
        pytest.param(says(CHUNKED + b"1\r\nh\r\n", b"zz\r\n"), (200, b"h", False), id="bad chunk"),
        pytest.param(says(CHUNKED + b"1\r\nh\r\n", closes=True), (200, b"h", False), id="no end"),
        pytest.param(says(b"HTTP/1.1 101 X\r\n\r\n"), (0, b"", False), id="another protocol"),
        pytest.param(
            says(b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
            (0, b"", False),
            id="an upgrade",
        ),
        pytest.param(says(OK + b"A: " + b"b" * 70_000), (0, b"", False), id="a head without end"),
        pytest.param(
            says(CHUNKED + b"1\r\nh\r\n0\r\nA: " + b"b" * 70_000, b"b" * 70_000),
            (200, b"h", False),
            id="a trailer without end",
        ),
        pytest.param(says(OK[:9] + b"999 X\r\n\r\n"), (0, b"", False), id="no such status"),
    ],
)
async def test_an_answer_ends_where_http_says(
    answer: Answer, told: tuple[int, bytes, bool], caplog: pytest.LogCaptureFixture
) -> None:
    """By its length, its last chunk, or the end of the connection; else it broke off."""
    async with before(answer) as (connections, _), asyncio.timeout(PATIENCE):
        assert await asked(connections) == told
    assert not caplog.records


async def test_headers_are_those_of_the_answer() -> None:
    """Hints before it and trailers behind it are not among them."""
    raw = CHUNKED.replace(b"\r\n\r\n", b"\r\nX-One: 1\r\nX-one: 2\r\n\r\n")
    hints = b"HTTP/1.1 103 X\r\nLink: x\r\n\r\n"
    async with before(says(hints + raw + b"0\r\nX-Two: 3\r\n\r\n")) as (connections, _):
        connection = await connections.take(5)
        assert await connection.ask(ASK, b"", bodiless=False, seconds=5)
        assert await connection.piece() == b""
        assert connection.headers == [
            (b"transfer-encoding", b"chunked"),
            (b"x-one", b"1"),
            (b"x-one", b"2"),
        ]
        connections.give(connection)


@pytest.mark.parametrize(
    ("answer", "bodiless", "count"),
    [
        pytest.param(says(TWO), False, 1, id="again"),
        pytest.param(says(CHUNKED + b"0\r\nA: b\r\n\r\n"), False, 1, id="after a trailer"),
        pytest.param(says(CLOSES), False, 3, id="close"),
        pytest.param(says(TWO.replace(b"1.1", b"1.0")), False, 3, id="an older one"),
        pytest.param(says(TWO[:-2]), True, 3, id="no body was asked for"),
        pytest.param(says(TWO + TWO), False, 3, id="more than was asked for"),
        pytest.param(says(TWO, TWO), False, 3, id="more, later"),
        pytest.param(says(TWO, closes=True), False, 3, id="closed, later"),
    ],
)
async def test_a_connection_is_used_again_where_it_can_be(
    answer: Answer, count: int, *, bodiless: bool
) -> None:
    """Never one that was closed, nor one on which something came that nobody had asked for."""
    async with before(answer) as (connections, server), asyncio.timeout(PATIENCE):
        for _ in range(3):
            status, _, ended = await asked(connections, bodiless=bodiless)
            assert (status, ended) == (200, True)
            await asyncio.sleep(0.05)
        assert server.connections == count


async def test_an_idle_connection_is_not_trusted_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The upstream may be about to close it."""
    async with before(says(TWO)) as (connections, server):
        await asked(connections)
        monkeypatch.setattr("guardrail.client._KEPT", 0.01)
        await asyncio.sleep(0.05)
        await asked(connections)
        assert server.connections == 2


async def test_of_several_connections_one_that_lives_is_used() -> None:
    """Whichever of them the upstream has closed."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says(TWO, closes=not turns.pop())(reader, writer)

    turns = [False, True]
    async with before(answer) as (connections, _), asyncio.timeout(PATIENCE):
        first, second = await connections.take(5), await connections.take(5)
        for connection in (first, second):
            assert await connection.ask(ASK, b"", bodiless=False, seconds=5)
            assert await read(connection) == [b"hi"]
            connections.give(connection)
        await asyncio.sleep(0.05)
        assert await connections.take(5) is first
        connections.give(first)


@pytest.mark.parametrize("pieces", [(), (OK[:9],), (TWO[:-1],), (OK + b"\r\nh",)])
async def test_who_says_nothing_for_long_is_given_up(pieces: tuple[bytes, ...]) -> None:
    """Before the answer, in its head or in its body; what came is given, and it broke off."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says(*pieces)(reader, writer)
        await reader.read()

    async with before(answer) as (connections, _), asyncio.timeout(PATIENCE):
        begins = len(pieces) > 0 and len(pieces[0]) > 9
        assert await asked(connections, seconds=0.1) == (
            (200, b"h", False) if begins else (0, b"", False)
        )


async def test_who_says_something_now_and_then_is_waited_for() -> None:
    """The time counts from the last byte."""
    drips = [TWO[:-2], b"h", *[b""] * 4, b"i"]

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for drip in drips:
            writer.write(drip)
            await asyncio.sleep(0.03)

    async with before(answer) as (connections, _), asyncio.timeout(PATIENCE):
        assert await asked(connections, seconds=0.2) == (200, b"hi", True)


async def test_an_answer_waits_for_who_reads_it() -> None:
    """Of a large one only so much is held as was taken from the network at once."""
    sent = 0

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(OK + b"Content-Length: 50000000\r\n\r\n")
        while sent < 50_000_000:
            writer.write(b"x" * 1_000_000)
            await writer.drain()
            sent += 1_000_000

    async with before(answer) as (connections, _), asyncio.timeout(PATIENCE):
        connection = await connections.take(5)
        assert await connection.ask(ASK, b"", bodiless=False, seconds=0.1)
        await asyncio.sleep(0.5)
        assert sent < 40_000_000
        pieces = await read(connection)
        assert (sum(map(len, pieces)), connection.ended) == (50_000_000, True)
        assert max(map(len, pieces)) < 1_000_000
        connections.give(connection)


async def test_a_large_request_is_sent_as_it_is_taken() -> None:
    """In pieces, for as long as the upstream takes them."""
    body = bytes(range(256)) * 40_000

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        same = await reader.readexactly(len(body)) == body
        writer.write(TWO if same else b"junk")

    async with before(answer) as (connections, server), asyncio.timeout(PATIENCE):
        for _ in range(2):
            assert await asked(connections, body=body) == (200, b"hi", True)
        assert server.connections == 1


@pytest.mark.parametrize("answer", [says(TWO), says(closes=True)])
async def test_an_answer_may_come_before_the_request_has_gone(answer: Answer) -> None:
    """Then it is taken, and the connection is no more."""

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)
        await asyncio.sleep(0.1)
        raise ConnectionError

    async with before(early) as (connections, server), asyncio.timeout(PATIENCE):
        for _ in range(2):
            assert await asked(connections, body=b"x" * 50_000_000) in (
                (200, b"hi", True),
                (0, b"", False),
            )
        assert server.connections == 2


@pytest.mark.parametrize(
    ("url", "error"),
    [("http://nobody.invalid", socket.gaierror), ("http://127.0.0.1:1", ConnectionRefusedError)],
)
async def test_what_cannot_be_reached_is_an_error(url: str, error: type[OSError]) -> None:
    """A name that nobody has, a port at which nobody listens."""
    with pytest.raises(error):
        await Connections(url).take(5)


@pytest.mark.parametrize("trusted", [True, False])
async def test_tls_is_spoken_with_who_can_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    """A name that no known authority vouches for is an error."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(_certified(tmp_path))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    told = Server(says(TWO))
    async with (
        nothing_left(),
        await asyncio.start_server(told.talk, "127.0.0.1", 0, ssl=serving) as server,
    ):
        connections = Connections(f"https://localhost:{server.sockets[0].getsockname()[1]}")
        if trusted:
            assert await asked(connections) == (200, b"hi", True)
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                await connections.take(5)
        connections.close()


def _certified(folder: Path) -> Path:
    """A key and its certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = serialization.Encoding.PEM
    file = folder / "own.pem"
    file.write_bytes(key.private_bytes(pem, *form) + certificate.public_bytes(pem))
    return file


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://host", b"host", b""),
        ("http://host:8443/a/b", b"host:8443", b"/a/b"),
        ("https://[::1]:80/%61;x", b"[::1]:80", b"/%61;x"),
        ("http://bücher.example/ä", b"xn--bcher-kva.example", b"/%C3%A4"),
    ],
)
def test_an_address_is_written_as_http_has_it(url: str, host: bytes, path: bytes) -> None:
    """In ASCII, and no more of it is changed."""
    connections = Connections(url)
    assert (connections.host, connections.path) == (host, path)
