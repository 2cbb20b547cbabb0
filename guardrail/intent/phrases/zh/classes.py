"""Classes of words that the rules for several intents share."""

from __future__ import annotations

from guardrail.intent.phrases.rule import either, words

__all__ = ["UNREAL", "WHO"]

UNREAL = either(
    words(
        "虚构 编的 编一个 编个 假的 示例 模板 范文 例子 举例 怎么写 如何写 怎样写 是什么意思 "
        "什么意思 一般 通常 公开的 唐诗 宋词 李白 杜甫 苏轼 论语 宪法 民法典 古诗 成语 我自己的 "
        "我的作文 我的文章 我写的 小说里 小说中 科普 原理 区别 怎样 如何 解释 介绍一下 我这首 润色 "
        "修改 改错字 我编的 鲁迅 课文 千字文 三字经 静夜思 红楼梦 西游记 国歌 我的小说 假设检验 "
        "教程 怎么做 怎么办 建议 标题"
    ),
)
WHO = words(
    "先生 女士 小姐 医生 老师 老板 经理 师傅 邻居 同事 前妻 前夫 房东 病人 患者 客户 员工 用户 "
    "同学 朋友 前女友 前男友 他 她 他的 她的 那个 那位 业主 原告 被告 持卡人 户主 保安 律师 记者 "
    "同学的 的 演员 住户 主任 教授 姑娘 对方 代表"
)
