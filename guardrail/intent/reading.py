"""What a prompt says: as it stands, and in disguise where that reads like language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from guardrail.shifted import COMMON
from guardrail.views import View, views

__all__ = ["readings"]

# Frequent in what is asked, beside the common words: of English, German, Spanish and French.
_ASKED = (
    "how do you your why please tell give need explain name know words letter read there answer "
    "report here last don sentence print note next did may lines good its mail repeat new put "
    "prompt system above quote show write training text first word list line says two three "
    "ich du für was ein eine mir es im an zu oder so meine bis man vor sag um mal dann ob wort "
    "ohne zum am text satz ja dir steht dass mein wenn zwei schreib wird mach weiter über gib "
    "de la el un qué no se del lo mi cómo si te al su más le texto como yo escribe tres datos "
    "sigue solo tú está dos tu dame hasta frase palabra haz lista dime nota sobre nada repite "
    "le un et en est une je tu ce il du au on ne ma quoi moi me ou mot après dit trois nous tout "
    "phrase dire cette merci note avant ton combien bien lettre puis ligne donne quelle écris"
)
# Pairs of signs that are frequent in Chinese requests, and stand turned in one that is backwards.
_PAIRS = (
    "什么 怎么 出来 我的 训练 说明 自己 重复 告诉 怎样 哪些 写的 数据 一份 我们 这句 "
    "记录 这个 你好 接着 你的 系统 句话 后面 里的 通知 文字 帮我 姓名 内容 一起 解释 "
    "开始 地址 问题 报告 让我 需要 到底 提示 知道 文件 那份 全部 原文 之前 翻译 总结"
)
_TURNED = tuple(pair[::-1] for pair in _PAIRS.split())
_LETTERS = bytes(
    ord(letter) if (letter := chr(code).lower()).isalpha() and ord(letter) < 256 else ord(" ")
    for code in range(256)
)
_LONG = re.compile(rb"[^ ]{3,}")
_MERGED, _LEAST, _ENOUGH, _SHARE = 2, 2, 8, 3


def readings(raw: str) -> Iterator[View]:
    """The text, and those of its views that say words which it does not say.

    Of a passage that was decoded there is the plain reading, and those of it that do likewise.
    """
    plain: dict[tuple[int, int] | None, _Words] = {}
    for view in views(raw):
        words = _Words.of(view.raw)
        if view.decoded not in plain:
            plain[view.decoded] = words
            yield view
        elif words.say_more(plain[view.decoded]) or (
            view.backwards and any(pair in raw for pair in _TURNED)
        ):
            yield view


@dataclass(frozen=True, slots=True)
class _Words:
    """How many words of three letters a text has, and which common ones."""

    long: int
    common: frozenset[bytes]

    @classmethod
    def of(cls, raw: str) -> _Words:
        letters = raw.encode("latin-1", "replace").translate(_LETTERS)
        return cls(len(_LONG.findall(letters)), _known().intersection(letters.split()))

    def say_more(self, plain: _Words) -> bool:
        if self.long >= plain.long + _MERGED:
            return True
        news = _weight(self.common - plain.common)
        return news >= _ENOUGH or (news >= _LEAST and _SHARE * news >= _weight(plain.common))


def _weight(words: frozenset[bytes]) -> int:
    return sum(len(word) - 1 for word in words)


@cache
def _known() -> frozenset[bytes]:
    return frozenset(f"{COMMON} {_ASKED}".encode("latin-1").split())
