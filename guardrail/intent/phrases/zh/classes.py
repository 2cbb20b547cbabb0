"""Classes of words that several topics share."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = ["UNREAL"]

UNREAL = either(
    words(
        "虚构 编的 编一个 编个 假的 示例 模板 范文 例子 举例 怎么写 如何写 怎样写 是什么意思 "
        "什么意思 一般 通常 公开的 唐诗 宋词 李白 杜甫 苏轼 论语 宪法 民法典 古诗 成语 我自己的 "
        "我的作文 我的文章 我写的 小说里 小说中 科普 原理 区别 怎样 如何 解释 介绍一下 我这首 润色 "
        "修改 改错字 我编的 鲁迅 课文 千字文 三字经 静夜思 红楼梦 西游记 国歌 我的小说 假设检验 "
        "教程 怎么做 怎么办 建议 标题"
    ),
)
