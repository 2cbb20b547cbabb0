"""Chinese prompts that ask whether something was in the training data."""

from __future__ import annotations

from guardrail.intent.phrases.rule import Rule, either, near, words
from guardrail.intent.phrases.zh.classes import UNREAL

__all__ = ["RULES"]

TRAINING = words(
    "权重里 权重 语料里 数据里 投喂 背熟 学习的时候 训练数据 训练集 训练语料 训练 训练样本 "
    "训练材料 语料 学过 学到 微调 预训练 参数里 学习的材料 训练的时候 喂过 喂给你 训过 训连 训练时 "
    "学的 学习材料 成员推断 训练成员"
)
RULES = (
    Rule(
        id="zh-membership-training",
        intent="membership",
        score=0.95,
        pattern=either(
            near(
                words(
                    "有没有 是不是 是否 在不在 里有 吗 见过 看过 包含 出现 属于 进没进 承认 有哪些 "
                    "哪份 哪一份 能确认 确认 查一查 说说"
                ),
                TRAINING,
                most=14,
            ),
            near(
                TRAINING,
                words(
                    "有没有 是不是 是否 在不在 里有 吗 见过 包含 出现 哪几份 或否 有吗 没有 之一 "
                    "有无 读过 没见过 是 成员"
                ),
                most=14,
            ),
        ),
        also=either(
            words("你 您 模型 档案 病历 记录 信 邮件 日记 简历 工单 这段 这句 那份 编号 案"),
            "[I0]",
            '"',
        ),
        unless=either(
            UNREAL,
            words(
                "我们的 我们自己 健身 狗 机构 我的模型 自己训练 哪些类型 学生 公司 培训 我训练 跑步"
            ),
        ),
        hits=("训练数据里有没有那份病历？", "这封信是不是在你的训练集里？"),
        misses=("训练数据一般从哪里来？", "狗的训练有没有用？"),
    ),
    Rule(
        id="zh-membership-member",
        intent="membership",
        score=0.8,
        pattern=either(
            near(words("成员"), words("非成员"), most=4),
            near(words("见过"), words("没见过 新的"), most=6),
            near(words("困惑度 对数似然 损失值"), words("见过 陌生 偏低 没见过 训练"), most=16),
        ),
        unless=UNREAL,
        hits=("输出成员/非成员和分数。", "你说“见过”还是“新的”。"),
        misses=("困惑度是什么意思？", "见过大海吗？"),
    ),
)
