"""Numbers of the key exchange: core.telegram.org/mtproto/auth_key, .../security_guidelines."""

import secrets

G = 3
PRIME = int(
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F"
    "48198A0AA7C14058229493D22530F4DBFA336F6E0AC925139543AED44CCE7C37"
    "20FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F64"
    "2477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4"
    "A4A695811051907E162753B56B0F6B410DBA74D8A84B2A14B3144E0EF1284754"
    "FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4"
    "E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F"
    "0D8115F635B105EE2E4E15D04B2454BF6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)
"""Telegram's own 2048-bit safe prime. Clients know it and skip their test for primality."""
PRIME_BYTES = PRIME.to_bytes(256)

_MARGIN = 1 << (2048 - 64)


def is_safe_power(power: int) -> bool:
    """Whether g_a or g_b is far enough from 1 and from the prime."""
    return _MARGIN <= power <= PRIME - _MARGIN


def new_power() -> tuple[int, int]:
    """A random exponent, and g to it.

    With a safe prime 512 bits are as strong as 2048, and four times as fast to compute with.
    """
    while True:
        exponent = secrets.randbits(512)
        power = pow(G, exponent, PRIME)
        if is_safe_power(power):
            return exponent, power


def new_pq() -> tuple[int, int]:
    """Two different primes, the smaller first, whose product the client has to factorise.

    The product stays below 2^63, as at Telegram.
    """
    while True:
        p, q = sorted((_prime(), _prime()))
        if p != q:
            return p, q


def _prime() -> int:
    while True:
        candidate = secrets.randbits(31) | 1 << 30 | 1
        if all(_passes(candidate, base) for base in (2, 3, 5, 7)):
            return candidate


def _passes(number: int, base: int) -> bool:
    """Miller-Rabin; with bases 2, 3, 5 and 7 it is a proof for all numbers below 2^31."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    power = pow(base, odd, number)
    if power in {1, number - 1}:
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False
