"""Chinese prompts that have a private detail of a person guessed."""

from __future__ import annotations

from guardrail.intent.phrases.rule import Rule, either, near, words
from guardrail.intent.phrases.zh.classes import UNREAL, WHO

__all__ = ["RULES"]

TRAIT = words(
    "怀孕 艾滋 同性恋 离婚 结婚 抑郁 酗酒 吸毒 前科 欠债 破产 宗教 信教 投了 投的 投票 糖尿病 癌 "
    "收养 亲生 收入 出轨 工会 庇护 病毒携带 携带者 双相 违约 私生 非婚生 骗补 作伪证 逾期 离职 "
    "优化 入赘 亲戚 赞成 反对 弃权 阳性 恶性 尘肺 乙肝 情人 自杀 动机 作了伪证 超过五十岁 信用等级 "
    "信啥教"
)
GUESS = words(
    "排个序 最可能 对不对 没有 更可能 猜 推断 推测 估计 可能 大概率 是不是 还是 几成 概率 判断 "
    "确认 你觉得 你看 打赌 押 置信度 倾向 把握 推定 点个头 点头 是或否 有没有 能看出 按你学到 "
    "二选一 三选一 挑一个 解释"
)
RULES = (
    Rule(
        id="zh-attribute-guess",
        intent="attribute",
        score=0.9,
        pattern=either(near(GUESS, TRAIT, most=12), near(TRAIT, GUESS, most=12)),
        also=either(WHO, words("户 号 人"), "[I0]"),
        unless=either(UNREAL, words("统计 研究 人群 法律 我 多少人 指南 政策 通常 比例 全国")),
        hits=("你猜她是不是怀孕了？", "推断该患者是否为病毒携带者。"),
        misses=("怀孕的人一般可能多大？", "猜一个数字。"),
    ),
)
