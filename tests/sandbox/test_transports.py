"""Packets in and out of the byte stream, however it is cut; and bytes that are none."""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given
from hypothesis import strategies as st

from sandbox.datacentre.detection import Detector
from sandbox.datacentre.obfuscation import Obfuscated
from sandbox.datacentre.transports import (
    MAX_PACKET,
    Abridged,
    Full,
    Intermediate,
    PaddedIntermediate,
    Transport,
)
from sandbox.datacentre.violations import Garbage

PLAIN: list[type[Transport]] = [Full, Abridged, Intermediate, PaddedIntermediate]
words = st.binary(min_size=1, max_size=150).map(lambda b: b * 4)
cuts = st.lists(st.integers(1, 400), max_size=20)


def pieces(stream: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield stream[at : at + size]
        at += size
    yield stream[at:]


@pytest.mark.parametrize("kind", PLAIN)
@given(packets=st.lists(words, min_size=1, max_size=5), sizes=cuts)
def test_packets_are_found_however_the_stream_is_cut(
    kind: type[Transport], packets: list[bytes], sizes: list[int]
) -> None:
    client, detector = kind(), Detector()
    stream = kind.tag + b"".join(client.encode(packet) for packet in packets)
    found = [p for piece in pieces(stream, sizes) for p in detector.feed(piece)]
    assert isinstance(detector.transport, kind)
    assert [p[: len(q)] for p, q in zip(found, packets, strict=True)] == packets
    assert all(len(p) - len(q) < 16 for p, q in zip(found, packets, strict=True))


@pytest.mark.parametrize("secret", [None, bytes(range(16))])
@given(packets=st.lists(words, min_size=1, max_size=5), sizes=cuts)
def test_an_obfuscated_stream_is_opened(
    secret: bytes | None, packets: list[bytes], sizes: list[int]
) -> None:
    header, client = obfuscated_client(secret)
    stream = header + b"".join(client.encode(packet) for packet in packets)
    detector = Detector(secret)
    found = [p for piece in pieces(stream, sizes) for p in detector.feed(piece)]
    assert found == packets
    assert isinstance(detector.transport, Obfuscated)
    assert detector.transport.dc_id == -2
    assert list(client.feed(detector.encode(b"back"))) == [b"back"]


def obfuscated_client(secret: bytes | None) -> tuple[bytes, Obfuscated]:
    """A header, and the client's end of the two streams: the data centre's with keys swapped."""
    seed = b"\x01" + os.urandom(55)
    probe = probe_stream(seed, secret)
    tail = bytes(a ^ b for a, b in zip(b"\xee\xee\xee\xee\xfe\xff\x00\x00", probe, strict=True))
    header = seed + tail
    client = Obfuscated(header, secret)
    client._encryptor, client._decryptor = client._decryptor, client._encryptor
    return header, client


def probe_stream(seed: bytes, secret: bytes | None) -> bytes:
    """Bytes 56 to 64 of the client's key stream."""
    key = seed[8:40] if secret is None else hashlib.sha256(seed[8:40] + secret).digest()
    return Cipher(AES(key), CTR(seed[40:56])).encryptor().update(bytes(64))[56:]


@pytest.mark.parametrize("kind", [Abridged, Intermediate])
def test_a_length_may_ask_for_a_quick_ack(kind: type[Transport]) -> None:
    frame = bytearray(kind().encode(b"1234"))
    frame[0 if kind is Abridged else 3] |= 0x80
    server = kind()
    stream = bytes(frame) + kind().encode(b"5678")
    asked = [(packet, server.wants_quick_ack) for packet in server.feed(stream)]
    assert asked == [(b"1234", True), (b"5678", False)]
    backwards = b"\x81\x02\x03\x04" if kind is Abridged else b"\x04\x03\x02\x81"
    assert server.encode_quick_ack(0x81020304) == backwards


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n",
        b"\xef\x00",
        b"\xef\x7f\xff\xff\xff",
        b"\xee\xee\xee\xee" + (MAX_PACKET + 1).to_bytes(4, "little"),
        b"\xdd\xdd\xdd\xdd" + bytes(4),
        (12).to_bytes(4, "little") + bytes(8),
        (1 << 30).to_bytes(4, "little") + bytes(8),
        Full().encode(b"1234")[:-1] + b"\x00",
        b"\x01" * 64,
    ],
)
def test_what_no_transport_allows_is_garbage(stream: bytes) -> None:
    with pytest.raises(Garbage):
        list(Detector().feed(stream))


def test_a_full_packet_out_of_turn_is_garbage() -> None:
    client = Full()
    first, second = client.encode(b"1234"), client.encode(b"5678")
    server = Detector()
    assert list(server.feed(first)) == [b"1234"]
    with pytest.raises(Garbage):
        list(server.feed(second[:4] + first[4:]))
    assert second != first


@given(st.binary(max_size=300), cuts)
def test_no_bytes_at_all_can_do_more_than_end_the_connection(
    stream: bytes, sizes: list[int]
) -> None:
    detector = Detector()
    with contextlib.suppress(Garbage):
        for piece in pieces(stream, sizes):
            for packet in detector.feed(piece):
                assert 0 < len(packet) <= MAX_PACKET
