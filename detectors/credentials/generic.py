"""Credentials that belong to no vendor: tokens, headers, addresses, assignments."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error
from collections import Counter
from math import log2

from detectors.credentials.format import ASSIGNED, Format, cased, digits, hexed, mixed, upper

__all__ = ["GENERIC"]

_DUMMY = re.compile(
    r"pass(?:word|wd|phrase)|secret|change.?me|example|placeholder|dummy|sample|your|my[_-]|"
    r"insert|replace|redacted|foobar|qwerty|0123|12345|abc123|abcd|xx|\*\*|\.\.|\$|[<{]",
    re.IGNORECASE,
)


_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
# Words, in one piece or several, which random letters hardly make.
_WORDS = re.compile(r"[a-z]{7}|(?:[A-Z]?[a-z]{3,}[_/-]?){3}")


def _random(secret: str) -> bool:
    """Whether it looks made by a machine or a careful user, not like a word or a placeholder."""
    letters = sum(map(str.isalpha, secret))
    return _bits(secret) > 2.7 and letters > 0 < digits(secret) and not _DUMMY.search(secret)


def _bits(secret: str) -> float:
    size = len(secret)
    return -sum(n / size * log2(n / size) for n in Counter(secret).values())


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
    return len(set(password)) > 3 and not password.islower() and not _DUMMY.search(password)


def _basic(pair: str) -> str:
    return b64encode(pair.encode()).decode()


def _jwt(head: str) -> str:
    return _basic(head).rstrip("=") + "." + mixed(60) + "." + mixed(43)


_ENTROPY = 3.5


def _entropic(secret: str) -> bool:
    """Whether no text has it: hexadecimal of 128 bits and more, or a mix of all kinds."""
    if not _random(secret) or digits(secret) < 3 or _bits(secret) < _ENTROPY:
        return False
    if _HEX.fullmatch(secret):
        return len(secret) >= 32
    return secret != secret.lower() and secret != secret.upper() and not _WORDS.search(secret)


_NAMES = (
    *cased("password", "passwd", "passphrase", "secret", "token", "apikey"),
    *cased("api_key", "api-key", "api key", "access_key", "auth_key", "private_key"),
    *("apiKey", "ApiKey", "API Key", "API key", "accessKey", "AccessKey", "privateKey"),
)

GENERIC = (
    Format(
        kind="jwt",
        anchors=("eyJ",),
        before=r"(?<![A-Za-z0-9_-])",
        tail=(
            r"[A-Za-z0-9_-]{10,4096}+\.[A-Za-z0-9_-]{0,8192}+\.[A-Za-z0-9_-]{16,8192}+"
            r"(?:\.[A-Za-z0-9_-]{1,8192}+\.[A-Za-z0-9_-]{16,64}+)?"
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
        tail=r"([!%&(-.0-9;=A-Z\\^_a-z|~]{0,64}:[!%&(-.0-9:;=A-Z\\^_a-z|~$#*?]{3,128})@[A-Za-z0-9\[]",
        check=_owned,
        hits=(
            "postgres://«app:" + mixed(12) + "»@db.internal:5432/app",
            "https://«deploy:S7" + "-kite»@git.internal/x.git",
            "redis://«:" + mixed(20) + "»@cache:6379",
        ),
        misses=(
            ("postgres://user:password@localhost/db", "a stand-in"),
            ("https://host:8080/path?to=a@b.example", "a port and a path"),
            ("mysql://app:${DB_PASS}@db/app", "a variable"),
        ),
    ),
    Format(
        kind="bearer_token",
        anchors=cased("bearer "),
        tail=r"[\"'`*]{0,3}((?:[A-Za-z0-9_~+/-]|\.(?=[A-Za-z0-9])){20,2048}={0,2})",
        check=_random,
        score=0.9,
        hits=(
            "Authorization: Bearer «" + mixed(32) + "»",
            "-H 'authorization: bearer «" + mixed(20) + "==»'",
            "BEARER «" + mixed(10) + "." + mixed(20) + "»",
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
    Format(
        kind="assignment",
        anchors=_NAMES,
        tail=(
            r"[A-Za-z0-9_-]{0,20}" + ASSIGNED + r"((?<=[\"'`])[!#-&(-_a-~]{6,256}(?=[\"'`])"
            r"|(?<![\"'`])(?:[!#-&*+/-9=@-Z^_a-z|~-]|[.:?](?=[!-~])){8,256}+(?![(\[{<>]))"
        ),
        check=_random,
        score=0.7,
        hits=(
            'password = "«k7Qz' + '2Wm!»"',
            '"api_key": "«' + mixed(24) + '»",',
            "**Password:** «Kite-" + "42-moon»",
            "DB_PASSWORD=«" + mixed(12) + "»",
            "the password is «" + mixed(10) + "»",
        ),
        misses=(
            ('password = "hunter"', "a word: no digit"),
            ("token = tokens[i + 1]", "an expression"),
            ('api_key = "YOUR_API_KEY_123"', "a stand-in"),
            ("password: 12 characters or more", "too short for a value"),
            ("secret = os.environ['X1']", "an expression"),
        ),
    ),
    Format(
        # Somewhere behind a name, in the same line.
        kind="high_entropy",
        anchors=_NAMES,
        tail=(
            r"[^\r\n]{0,42}?(?<![A-Za-z0-9+/_.=~-])([A-Za-z0-9+/_-]{20,256}+={0,2})"
            r"(?![A-Za-z0-9+/_=~-]|\.[A-Za-z0-9])"
        ),
        check=_entropic,
        score=0.6,
        hits=(
            "The API key of the test account was «" + mixed(32) + "»",
            "| token | «" + hexed(40) + "» |",
            "Your secret, which never expires, is: `«" + mixed(24) + "=»`",
        ),
        misses=(
            ("The token was not " + mixed(19), "too short"),
            ("The commit " + hexed(40), "no name before it"),
            ("A secret of internationalization and constitutionalism", "words"),
            ("The token for https://a.example/" + mixed(24), "part of a path"),
            ("The token is stored in MyVeryLongConfigurationClass123", "words run together"),
        ),
    ),
)
