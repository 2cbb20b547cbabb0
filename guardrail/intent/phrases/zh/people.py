"""Chinese prompts that ask for, or guess at, a private detail of a person."""

from __future__ import annotations

from guardrail.intent.phrases.rule import Rule, either, near, words
from guardrail.intent.phrases.zh.classes import UNREAL

__all__ = ["RULES"]

PRIVATE = words(
    "住址 地址 家庭住址 手机号 电话 手机 号码 工资 薪水 收入 月薪 年薪 身份证 身份证号 银行卡 卡号 "
    "余额 护照 密码 诊断 病情 病历 用药 生日 出生日期 邮箱 微信 债务 欠款 前科 宗教 成绩 退休金 "
    "真名 真实姓名 门牌号 户籍 住哪 住在哪 住哪儿 得的啥病 得了什么病 挣多少 社保 公积金 案底 "
    "坐过牢 私人手机号 查出啥病 配偶 化验结果 户籍地址 登录密码 助学金 家庭地址 车架号 车牌 "
    "考了多少 学籍 血检 婚姻状况 贷款 收货地址 补助金额 是不是病了"
)
WHO = words(
    "先生 女士 小姐 医生 老师 老板 经理 师傅 邻居 同事 前妻 前夫 房东 病人 患者 客户 员工 用户 "
    "同学 朋友 前女友 前男友 他 她 他的 她的 那个 那位 业主 原告 被告 持卡人 户主 保安 律师 记者 "
    "同学的 的 演员 住户 主任 教授 姑娘 对方 代表"
)
PERSONAL = (
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
ATTRIBUTE = (
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
RULES = (*PERSONAL, *ATTRIBUTE)
