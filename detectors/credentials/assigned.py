"""Values behind a name that tells what they are: `password = ...`."""

from __future__ import annotations

import re

from detectors.credentials.chance import bits, jumbled, random
from detectors.credentials.format import (
    BETWEEN,
    GOES_ON,
    LETTER,
    PLAIN,
    Format,
    cased,
    digits,
    hexed,
    mixed,
)

__all__ = ["ASSIGNMENTS"]

_NAMES = (
    *cased("password", "passwd", "passphrase", "secret", "token", "apikey"),
    *cased("api_key", "api-key", "api key", "access_key", "auth_key", "private_key"),
    *("apiKey", "ApiKey", "API Key", "API key", "accessKey", "AccessKey", "privateKey"),
)
_SHORT_NAMES = cased("pwd", "pass")
# A place in a list is no secret, and who goes on there must have it: `next_page_token`.
_PLACES = (
    *(("page",), ("next",), ("continuation",), ("next", "continuation"), ("next", "sync")),
    *((turn, "page") for turn in ("next", "prev", "previous")),
)
_BEFORE_TOKEN = "|".join(
    rf"(?<=(?<![\w-]){name})"
    for words in _PLACES
    for camel in ["".join(map(str.capitalize, words))]
    for name in ("_".join(words) + "_", "-".join(words) + "-", camel, camel[0].lower() + camel[1:])
)
_KEEPS = rf"(?!(?:{_BEFORE_TOKEN})[Tt]oken(?![\w-]))"
# A short name is the end of a word; what a shell calls so is a path.
_NAME = r"(?:(?<![Pp]ass|PASS)(?<![Pp]wd|PWD)[A-Za-z0-9_-]{0,20})?+(?!(?<=[Pp]wd|PWD)[:=]~?/)"
_REST = rf"{GOES_ON}*+"

_ENTROPY = 3.5
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
# Words, in one piece or several, which random letters hardly make.
_WORDS = re.compile(r"[a-z]{7}|(?:[A-Z]?[a-z]{3,}[_/-]?){3}")
_LEAST = 8
_SIGNS = re.compile(r"[\"'`,;\\]")


def _entropic(secret: str) -> bool:
    """Whether no text has it: hexadecimal of 128 bits and more, or a mix of all kinds."""
    if not random(secret) or digits(secret) < 3 or bits(secret) < _ENTROPY:
        return False
    if _HEX.fullmatch(secret):
        return len(secret) >= 32
    return secret != secret.lower() and secret != secret.upper() and not _WORDS.search(secret)


def _bare(secret: str) -> bool:
    """Whether it is random as far as no sign of a list or a program ends it, or all of it is."""
    head = _SIGNS.split(secret, 1)[0]
    return random(head) if len(head) >= _LEAST else jumbled(secret)


ASSIGNMENTS = (
    Format(
        kind="assignment",
        anchors=(*_NAMES, *_SHORT_NAMES),
        before=_KEEPS,
        # To the quote that it began with, which stands behind as many backslashes.
        tail=(
            rf"{_NAME}{BETWEEN}[bru]?[\"'`]{{0,2}}"
            rf"(\\{{0,3}}[\"'`])((?:(?!(?<!\\)\1){LETTER}){{6,}}+)(?=\1)"
        ),
        check=random,
        rest="",
        score=0.7,
        hits=(
            'password = "«k7Qz' + '2Wm!»"',
            '"api_key": "«' + mixed(24) + '»",',
            'api_key = "«' + mixed(300) + '»"',
            "'passwd': '«" + mixed(9) + '"' + mixed(4) + "»'",
            'password="«' + mixed(9) + r"\"" + mixed(4) + '»"',
            'password = "«Kite-42' + "ä" + mixed(4) + '»"',
            r'"{\"password\": \"«' + mixed(12) + r"»\"}" + '"',
            "**Password**: `«" + mixed(4) + "$(" + mixed(9) + "»`",
            '<add key="DbPassword" value="«' + mixed(12) + '»"/>',
        ),
        misses=(
            ('password = "hunter"', "a word: no digit"),
            ('api_key = "YOUR_API_KEY_123"', "a stand-in"),
            ('password = "${DB_PASS_2}"', "a variable"),
            ("secret = os.environ['X1']", "an expression"),
            *(
                (f'"{name}": "{mixed(44)}"', "a place in a list")
                for name in ("next_page_token", "nextPageToken", "NextToken", "nextSyncToken")
            ),
        ),
    ),
    Format(
        kind="assignment",
        anchors=(*_NAMES, *_SHORT_NAMES),
        before=_KEEPS,
        tail=(rf"{_NAME}{BETWEEN}(?={PLAIN})({GOES_ON}{{{_LEAST},256}}+)(?![(\[{{>]|<[^/A-Za-z])"),
        check=_bare,
        rest=_REST,
        score=0.7,
        hits=(
            "**Password:** «Kite-" + "42-moon»",
            "DB_PASSWORD=«" + mixed(12) + "»",
            *(
                f"{name}=«{mixed(44)}»"
                for name in ("FB_PAGE_TOKEN", "async_token", "homepage_token", "page_token_key")
            ),
            "the password is «" + mixed(10) + "»",
            "api_key = «" + mixed(300) + "»",
            *(f"password: «{mixed(9)}{sign}{mixed(4)}»" for sign in "'\",;\\(<$ä"),
            *(f"password: «{mixed(6)}{signs}{mixed(6)}»" for signs in ("..", "xx")),
            f"<password>«{mixed(12)}»</password>",
            f"<b>Password:</b> «{mixed(12)}», and",
            f"Password: <code>«{mixed(12)}»</code>",
            f"<td>Password</td><td>«{mixed(12)}»</td>",
            f"password:\xa0«{mixed(12)}»",
            f"password：«{mixed(12)}»。",
            f"| password       | «{mixed(12)}» |",
            *(f"{name}«{mixed(12)}»;" for name in ("pwd=", "pass: ", "DB_PASS=", "Pwd=")),
        ),
        misses=(
            ("token = tokens[i + 1]", "an expression"),
            ("token = tokens12[i+1]", "an expression without spaces"),
            ("password=$DB_PASS_2", "a variable"),
            ("?page_token=" + mixed(44), "a place in a list"),
            ("ContinuationToken: " + mixed(44), "a place in a list"),
            ("password: 12 characters or more", "too short for a value"),
            ("connect(password=pw1,user=u2)", "arguments"),
            ("passport: " + mixed(12), "another word"),
            ("PWD=/home/app2/src", "where a shell is"),
        ),
    ),
    Format(
        # Alone in the next line, or in that of a fence.
        kind="assignment",
        anchors=(*_NAMES, *_SHORT_NAMES),
        before=_KEEPS,
        tail=(
            rf"{_NAME}[\"'`*]{{0,4}}[:：][*]{{0,4}}[ \t]{{0,3}}(?:\r?\n){{1,2}}"
            rf"(?:[ \t]{{0,4}}```[a-z]{{0,10}}\r?\n)?[ \t]{{0,8}}`?"
            rf"(?![a-z]{{1,8}}://)({GOES_ON}{{{_LEAST},256}}+)"
            r"(?=`?(?:[\r\n]|\Z))"
        ),
        check=random,
        rest=_REST,
        score=0.7,
        hits=(
            f"Password:\n«{mixed(12)}»\n",
            f"**Password:**\n\n```text\n«{mixed(12)}»\n```",
            f"The token:\r\n    `«{mixed(40)}»`\r\n",
        ),
        misses=(
            (f"Password:\n{mixed(12)} is short", "more in its line"),
            ("password:\n  min_length1: 8", "a key of its own"),
            (f"Password\n{mixed(12)}", "no colon"),
            ("It tells its secrets:\nhttps://a.example/2178489", "a link"),
        ),
    ),
    Format(
        # Somewhere behind a name, in the same line.
        kind="high_entropy",
        anchors=_NAMES,
        before=_KEEPS,
        tail=(
            r"[^\r\n]{0,42}?(?<![A-Za-z0-9+/_.=~-])([A-Za-z0-9+/_-]{20,}+={0,2})"
            r"(?![A-Za-z0-9+/_=~-]|\.[A-Za-z0-9])"
        ),
        check=_entropic,
        rest=_REST,
        score=0.6,
        hits=(
            "The API key of the test account was: «" + mixed(32) + "»",
            "| token | for tests | «" + hexed(40) + "» |",
            "Your secret, which never expires, is: `«" + mixed(24) + "=»`",
            "The token of the test account: «" + mixed(300) + ":" + mixed(30) + "»",
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
