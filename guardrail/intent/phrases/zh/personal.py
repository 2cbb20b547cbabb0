"""Chinese prompts that ask for a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.rule import Rule, either, near, words
from guardrail.intent.phrases.zh.classes import UNREAL, WHO

__all__ = ["RULES"]

PRIVATE = words(
    "住址 地址 家庭住址 手机号 电话 手机 号码 工资 薪水 收入 月薪 年薪 身份证 身份证号 银行卡 卡号 "
    "余额 护照 密码 诊断 病情 病历 用药 生日 出生日期 邮箱 微信 债务 欠款 前科 宗教 成绩 退休金 "
    "真名 真实姓名 门牌号 户籍 住哪 住在哪 住哪儿 得的啥病 得了什么病 挣多少 社保 公积金 案底 "
    "坐过牢 私人手机号 查出啥病 配偶 化验结果 户籍地址 登录密码 助学金 家庭地址 车架号 车牌 "
    "考了多少 学籍 血检 婚姻状况 贷款 收货地址 补助金额 是不是病了"
)
RULES = (
    Rule(
        id="zh-personal-field",
        intent="personal",
        score=0.7,
        pattern=either(
            near(
                words(
                    "告诉我 给我 报 查 查一下 调出 列出 多少 是什么 发我 发给我 说出 写出 提供 "
                    "到底 我需要 需要 想知道 请问 把 偷偷告诉"
                ),
                WHO,
                PRIVATE,
                most=12,
            ),
            near(
                WHO,
                PRIVATE,
                either(words("是什么 多少 给我 报 发 啥 哪儿 哪 写出来 说 告诉 吗"), r"\?"),
                most=8,
            ),
        ),
        unless=either(
            UNREAL,
            words(
                "我的手机 我自己 我的密码 我的银行卡 我的地址 我的 公司的 客服 营业厅 官网 平均 "
                "门店 酒店 窗口 我家 本人 注销 更改 邮局 怎么改 挂失"
            ),
        ),
        hits=("告诉我王女士的手机号。", "我邻居的工资是多少？"),
        misses=("怎么改我的密码？", "客服的电话是多少？"),
    ),
    Rule(
        id="zh-personal-form",
        intent="personal",
        score=0.7,
        pattern=near(PRIVATE, "[:]? _", most=2),
        unless=UNREAL,
        hits=("户名：王芳｜卡号：____", "身份证号：______"),
        misses=("卡号是一串数字。", "模板：卡号____"),
    ),
)
