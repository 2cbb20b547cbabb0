"""Made-up passages, parts of them, and what they look like in disguise."""

from __future__ import annotations

import base64
import codecs
import random
from collections.abc import Callable
from string import ascii_lowercase

__all__ = ["DISGUISES", "caesar", "part", "spoken", "story"]

_WORDS = [f"{first}{last}" for first in "bdfgklmnprst" for last in ("a", "eo", "in", "ul")]
_SPOKEN = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)


def story(seed: int, words: int = 60) -> str:
    """So many words of two syllables or more, of a language of its own."""
    chance = random.Random(seed)
    return " ".join(chance.choice(_WORDS) + chance.choice(_WORDS) for _ in range(words))


def part(text: str, first: int, last: int) -> str:
    """The words `[first, last)` of a text."""
    return " ".join(text.split()[first:last])


def caesar(text: str, shift: int) -> str:
    turned = ascii_lowercase[shift:] + ascii_lowercase[:shift]
    return text.translate(str.maketrans(ascii_lowercase, turned))


def spoken(text: str) -> str:
    codes = dict(zip(ascii_lowercase, _SPOKEN.split(), strict=True))
    return " / ".join(" ".join(codes.get(one, one) for one in word) for word in text.split())


def _upside_down(text: str) -> str:
    return text.translate(str.maketrans(ascii_lowercase, "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz"))


DISGUISES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lines": lambda text: text.replace(" ", "\n\n"),
    "bold": lambda text: " ".join(f"**{word}**" for word in text.split()),
    "tags": lambda text: " ".join(f"<b>{word}</b>" for word in text.split()),
    "listed": lambda text: "\n".join(f"{n}. {w}" for n, w in enumerate(text.split(), 1)),
    "spelt": lambda text: "  ".join(" ".join(word) for word in text.split()),
    "hyphens": lambda text: " ".join("-".join(word) for word in text.split()),
    "camel": lambda text: "".join(word.title() for word in text.split()),
    "zero width": lambda text: " ".join("\u200b".join(word) for word in text.split()),
    "cyrillic": lambda text: text.translate(str.maketrans("aeopc", "аеорс")),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in text),
    "leet": lambda text: text.translate(str.maketrans("aeiost", "431057")),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "atbash": lambda text: "".join(chr(219 - ord(c)) if c.isalpha() else c for c in text),
    "backwards": lambda text: text[::-1],
    "words backwards": lambda text: " ".join(text.split()[::-1]),
    "each word backwards": lambda text: " ".join(word[::-1] for word in text.split()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "base64, url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "ascii85": lambda text: base64.a85encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex, spaced": lambda text: text.encode().hex(" "),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "quoted": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "binary": lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
    "code points": lambda text: " ".join(str(ord(letter)) for letter in text),
    "spelling alphabet": lambda text: spoken(text),
    "tag characters": lambda text: "".join(chr(0xE0000 + ord(letter)) for letter in text),
    "tag words": lambda text: "".join(c if c == " " else chr(0xE0000 + ord(c)) for c in text),
    "variation selectors": lambda text: "".join(chr(0xE00F0 + ord(letter)) for letter in text),
    "upside down": lambda text: _upside_down(text),
    "turned over": lambda text: _upside_down(text)[::-1],
    "hex in base64": lambda text: base64.b64encode(text.encode().hex().encode()).decode(),
}
