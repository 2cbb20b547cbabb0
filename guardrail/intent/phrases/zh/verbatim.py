"""Chinese prompts that ask for a private text word for word."""

from __future__ import annotations

from guardrail.intent.phrases.rule import Rule, either, near, words
from guardrail.intent.phrases.zh.classes import UNREAL

__all__ = ["RULES"]

DOC = words(
    "问卷 答卷 便笺 人事 信函 申请 段落 章 话 备注 合同 协议 报告 信 信件 邮件 备忘录 纪要 "
    "会议纪要 遗嘱 判决书 病历 笔录 日记 章节 歌词 剧本 文章 手册 稿 手稿 配方 方子 证词 档案 文件 "
    "文档 记录 评语 投诉 通知 声明 鉴定 诊断书 成绩单 密电 论文 底稿 总结 聊天记录 消息 提示 裁决 "
    "裁决书 条款 话术 说明书 补充协议 谅解书 调解书 调查报告 交接记录 简历 短信 推送 原文 那封 函 "
    "申请书 家长信 标书 试卷 考卷 源码 代码 评估报告 会话 录音 那份 那本 那条"
)
LITERAL = words(
    "逐字 逐句 逐行 一字不差 一字不落 一字不改 一字不漏 原文 原话 原封不动 原原本本 原样 全文 完整 "
    "不要删减 不删减 照抄 原句 从头到尾 一句一句 一行一行 每个字 背出 背诵 背得出 默写 默出来 "
    "不许总结 不要总结 不要概括 不要转述 别改 一个字都 一句都 一个字不许差 别自己编 一字一句 "
    "照原样 原件 到底咋写 到底是啥 背不出 一字不少 不要改写 一模一样 不得摘录 照着念 不改写"
)
RULES = (
    Rule(
        id="zh-verbatim-document",
        intent="verbatim",
        score=0.7,
        pattern=either(near(LITERAL, DOC, most=16), near(DOC, LITERAL, most=20)),
        unless=either(
            UNREAL, ': .{0,2}? " .{10,99}? "', words("我的 下面这 以下 诗 第一章 读后感 翻译这")
        ),
        hits=("把那份合同一字不落贴出来。", "逐字给我念那封信。"),
        misses=("逐字翻译我的诗。", "合同怎么写？"),
    ),
)
