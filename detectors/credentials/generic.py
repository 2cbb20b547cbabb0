"""Credentials that belong to no vendor: tokens, headers, addresses."""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error

from detectors.credentials.chance import random, stand_in
from detectors.credentials.format import GOES_ON, Format, cased, mixed, upper

__all__ = ["GENERIC"]

_REST = rf"{GOES_ON}*+"
_USER = r"[!%&(-.0-9;=A-Z\\^_a-z|~\xa1-\u052f]{0,64}"
# No port, and what may follow it.
_NO_PORT = r"(?![0-9]{1,5}[/?#])"
_SIGN = r"[!#-&(-.0-;=?-Z\\^_a-z|~\xa1-\u052f]"
_HOST = r"(?=@[A-Za-z0-9\[\xa1-\u052f])"


def _signed(secret: str) -> bool:
    head = secret.partition(".")[0]
    try:
        return b'"alg"' in urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except Error:
        return False


def _pair(secret: str) -> bool:
    try:
        pair = b64decode(secret, validate=True).decode()
    except (Error, UnicodeDecodeError):
        return False
    return pair.isprintable() and _owned(pair)


def _owned(pair: str) -> bool:
    """Whether the password in `user:password` is more than a manual's stand-in."""
    password = pair.partition(":")[2]
    if "/" in password and not random(password):
        return False
    return len(set(password)) > 3 and not password.islower() and not stand_in(password)


def _basic(pair: str) -> str:
    return b64encode(pair.encode()).decode()


def _jwt(head: str) -> str:
    return _basic(head).rstrip("=") + "." + mixed(60) + "." + mixed(43)


GENERIC = (
    Format(
        kind="jwt",
        anchors=("eyJ",),
        before=r"(?<![A-Za-z0-9_-])",
        tail=(
            r"[A-Za-z0-9_-]{10,4096}+\.[A-Za-z0-9_-]*+\.[A-Za-z0-9_-]{16,}+"
            r"(?:\.[A-Za-z0-9_-]++\.[A-Za-z0-9_-]{16,}+)?"
        ),
        check=_signed,
        hits=(
            _jwt('{"alg":"HS256","typ":"JWT"}'),
            _jwt('{"typ":"JWT","alg":"RS256"}'),
            _jwt('{"alg":"dir","enc":"A256GCM"}') + "." + mixed(30) + "." + mixed(22),
        ),
        misses=(
            (_basic('{"alg":"HS256"}') + "." + mixed(60), "no signature"),
            (_jwt('{"name":"value"}'), "the head names no algorithm"),
            ("eyJ" + mixed(10) + "." + mixed(60) + "." + mixed(43), "the head is no base64"),
            ("a" + _jwt('{"alg":"HS256"}'), "begins inside a longer run"),
        ),
    ),
    Format(
        kind="age_key",
        anchors=("AGE-SECRET-KEY-1",),
        tail=r"[A-Z0-9]{58}",
        hits=tuple("AGE-SECRET-KEY-1" + upper(58 + n)[n:] for n in range(3)),
        misses=(
            ("AGE-SECRET-KEY-1" + upper(57), "one character short"),
            ("AGE-SECRET-KEY-2" + upper(58), "no such version"),
            ("AGE-SECRET-KEY-1" + mixed(58), "small letters"),
        ),
    ),
    Format(
        kind="url_password",
        anchors=("://",),
        # To the last @ before a slash, or else to the last one.
        tail=rf"({_USER}:{_NO_PORT}(?:{_SIGN}{{3,512}}{_HOST}|(?:{_SIGN}|/){{3,512}}{_HOST}))",
        check=_owned,
        rest="",
        hits=(
            "postgres://«app:" + mixed(12) + "»@db.internal:5432/app",
            "https://«deploy:S7" + "-kite»@git.internal/x.git",
            "redis://«:" + mixed(20) + "»@cache:6379",
            "postgres://«app:S7" + "-kite@X9»@db.internal/app?owner=a@b.example",
            "postgres://«app:S7" + "-kite/X9»@db.internal/app",
            "postgres://«app:S7" + "-kitä»@db.internal/app",
            "postgres://«app:" + mixed(200) + "»@db.internal/app",
        ),
        misses=(
            ("postgres://user:password@localhost/db", "a stand-in"),
            ("https://host:8080/path?to=a@b.example", "a port and a path"),
            ("mysql://app:${DB_PASS}@db/app", "a variable"),
            ("https://host:name/path@2x.png", "a path"),
        ),
    ),
    Format(
        kind="bearer_token",
        anchors=cased("bearer "),
        tail=r"\s{0,3}[\"'`*]{0,3}((?:[A-Za-z0-9_~+/|:-]|\.(?=[A-Za-z0-9])){20,2048}={0,2})",
        check=random,
        rest=_REST,
        score=0.9,
        hits=(
            "Authorization: Bearer «" + mixed(32) + "»",
            "-H 'authorization: bearer «" + mixed(20) + "==»'",
            "BEARER «" + mixed(10) + "." + mixed(20) + "»",
            "Bearer  «" + mixed(3000) + "», and",
            "'Bearer «" + mixed(30) + "|" + mixed(30) + "»'",
            "Bearer «12|" + mixed(30) + ":" + mixed(30) + "»",
        ),
        misses=(
            ("Bearer " + mixed(19), "too short"),
            ("the bearer of internationalization", "a word: no digit"),
            ("Authorization: Bearer YOUR_ACCESS_TOKEN_2024_HERE", "a stand-in"),
        ),
    ),
    Format(
        kind="basic_auth",
        anchors=cased("basic "),
        tail=r"([A-Za-z0-9+/]{8,512}={0,2})",
        check=_pair,
        rest=r"[A-Za-z0-9+/]*+={0,2}",
        hits=tuple(
            f"Authorization: {scheme} «" + _basic("app:K7q" + "z2W" * n) + "»"
            for n, scheme in enumerate(("Basic", "basic", "BASIC"), 1)
        ),
        misses=(
            ("Basic understanding", "decodes to nothing printable"),
            ("Authorization: Basic " + _basic("no colon, no password"), "no password"),
            ("Authorization: Basic " + _basic("user:password"), "a stand-in"),
        ),
    ),
)
