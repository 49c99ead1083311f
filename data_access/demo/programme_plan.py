"""What the demo company's programme consists of; days as month of the programme and day of it."""

from __future__ import annotations

from typing import NamedTuple

Day = tuple[int, int]  # month of the programme (1 is its first; 0 the one before), day of the month


class Task(NamedTuple):
    """A row of `programme_tasks`; `begun` and `done` are None while they have not come."""

    phase: str
    name: str
    milestone: str | None
    owner: str | None
    start: Day
    end: Day
    begun: Day | None = None
    done: Day | None = None
    reached: int | None = None


_PMO, _IT, _DATA = "项目经理 沈岚", "技术部 何畏", "数据分析组"
_SERVICE, _MARKETING = "客服部 苏韵", "市场部 陆嘉"
TASKS = (
    Task("preparation", "组建跨部门专项小组", "team", _PMO, (1, 4), (1, 22), (1, 6), (1, 26), 14),
    Task("preparation", "客户沟通现状诊断", "baseline_diagnosis", _SERVICE, (1, 6), (2, 26),
         (1, 6), (2, 25)),
    Task("preparation", "客户分层方案设计", "segmentation", _DATA, (1, 11), (2, 19),
         (1, 11), (2, 18)),
    Task("preparation", "历史三年数据整合清洗", "data_consolidation", _DATA, (1, 11), (2, 28),
         (1, 13), (3, 3)),
    Task("preparation", "客户标签体系开发", "tag_system", _DATA, (1, 18), (2, 28),
         (1, 25), (3, 9)),
    Task("preparation", "渠道矩阵规划", "channel_matrix", _MARKETING, (2, 1), (2, 26),
         (2, 1), (2, 24)),
    Task("preparation", "成功案例展示", "change_awareness", _PMO, (2, 1), (2, 28), (2, 3), (2, 26)),
    Task("build", "画像、互动记录与标签模块", None, _IT, (3, 1), (4, 14), (3, 1), (4, 13)),
    Task("build", "客户代表参与流程设计", "change_co_design", _SERVICE, (3, 6), (4, 14),
         (3, 8), (4, 14)),
    Task("build", "系统测试上线", "go_live", _IT, (3, 20), (4, 28), (3, 24), (5, 7)),
    Task("build", "自动化流程模块", None, _IT, (4, 17), (5, 28), (4, 20), (5, 28)),
    Task("build", "与 POS、电商系统对接", "integration", _IT, (5, 1), (5, 28), (5, 8), (6, 14)),
    Task("build", "三级培训课程", None, None, (5, 7), (6, 16), (5, 9)),
    Task("build", "AI 话术模块", None, _IT, (5, 15), (6, 23), (5, 21)),
    Task("build", "核心流程 A/B 测试", "ab_test", _MARKETING, (6, 1), (6, 28), (6, 12)),
    Task("build", "分层、互动、反馈体系成型", "full_cycle", _PMO, (6, 5), (6, 28), (6, 5), (6, 27)),
    Task("roll_out", "重点区域门店试点", "wave_pilot", _SERVICE, (7, 1), (7, 28)),
    Task("roll_out", "试点部门先行", "change_pilot", _PMO, (7, 1), (7, 28)),
    Task("roll_out", "覆盖全国门店", "wave_national", None, (8, 1), (8, 28)),
    Task("roll_out", "全面推行新流程", "change_roll_out", _PMO, (8, 15), (9, 28)),
    Task("roll_out", "全渠道推广", "wave_all_channels", _MARKETING, (9, 1), (9, 28)),
    Task("optimisation", "年度 NPS 调研", "yearly_nps", _MARKETING, (10, 8), (10, 28)),
    Task("optimisation", "年度效果评估：前后对比", "yearly_evaluation", _DATA, (10, 15),
         (11, 28)),
    Task("optimisation", "投入产出测算", "yearly_roi", "财务部", (11, 1), (11, 28)),
    Task("optimisation", "阈值与规则调整", "thresholds", _DATA, (12, 1), (12, 18)),
    Task("optimisation", "客户关系沟通长效机制", "long_term", None, (12, 1), (12, 28)),
)  # fmt: skip


class Risk(NamedTuple):
    """A row of `risks`; money in whole yuan."""

    kind: str
    name: str
    code: str | None
    probability: int | None
    loss: int | None
    cost: int | None
    response: str | None
    measure: str | None
    owner: str | None
    reviewed: Day | None
    closed: Day | None = None


RISKS = (
    Risk("technology", "核心系统故障，无法触达客户", "outage", 8, 1_800_000, 96_000, "reduce",
         "双系统热备，电话通道兜底", _IT, (6, 12)),
    Risk("technology", "客户数据泄露", "breach", 4, 5_200_000, 150_000, "transfer",
         "IT 责任险，敏感字段加密", _IT, (5, 22)),
    Risk("technology", "外包运维服务商中断", None, 10, 600_000, 45_000, "transfer",
         "服务级别协议与备选服务商", _IT, (3, 20)),
    Risk("operations", "客服质量不均", "service_quality", 35, 420_000, 180_000, "reduce",
         "标准话术与每季考核", _SERVICE, (6, 20)),
    Risk("operations", "流程执行偏差造成浪费", "process_deviation", 30, 690_000, 60_000, "reduce",
         None, "运营部", (2, 18)),
    Risk("operations", "试点门店骨干流失", None, 20, 150_000, 30_000, "reduce",
         "项目奖金", _PMO, (4, 3), (5, 18)),
    Risk("market", "竞争对手推出同类服务", "competition", 25, 900_000, 240_000, "accept",
         "竞争应对预备金", _MARKETING, (5, 5)),
    Risk("market", "个人信息保护新规", None, 15, None, None, None, None, None, None),
    Risk("finance", "预算超支", "budget_overrun", 20, 300_000, 20_000, "reduce",
         "月度差异核对", "财务部", (6, 9)),
)  # fmt: skip


class Drill(NamedTuple):
    """A row of `drills`."""

    scenario: str
    held: Day
    minutes: int | None = None
    hours: int | None = None
    satisfaction: int | None = None
    finding: str | None = None
    solved: Day | None = None


DRILLS = (
    Drill("outage", (-6, 12), 61, finding="备用系统口令过期", solved=(-5, 20)),
    Drill("breach", (-3, 14), hours=66, finding="受影响客户名单靠手工整理", solved=(-1, 9)),
    Drill("service_quality", (0, 16), satisfaction=91),
    Drill("outage", (2, 11), 41, finding="电话通道坐席不足", solved=(3, 2)),
    Drill("outage", (5, 17), 34, finding="备用线路切换仍需人工确认"),
    Drill("breach", (5, 18), hours=58),
)


class Supplier(NamedTuple):
    """A supplier with the points of last year and this year: capability, performance, risk."""

    name: str
    service: str
    last: tuple[int, int, int] | None
    this: tuple[int, int, int]
    replaced: Day | None = None


SUPPLIERS = (
    Supplier("云桥科技", "CRM 平台", (88, 84, 80), (90, 87, 82)),
    Supplier("启明外包", "客服坐席", (80, 74, 76), (81, 71, 74)),
    Supplier("讯达短信", "短信通道", (76, 82, 70), (77, 85, 73)),
    Supplier("海岳数据", "数据平台", (85, 80, 83), (86, 84, 85)),
    Supplier("明泽安全", "渗透测试", (90, 86, 92), (91, 88, 93)),
    Supplier("北辰呼叫", "呼叫中心线路", (72, 68, 66), (70, 61, 58)),
    Supplier("川流云存储", "云存储", (83, 85, 79), (84, 86, 80)),
    Supplier("新禾礼品", "礼品采购", (70, 66, 71), (68, 60, 66), (6, 20)),
    Supplier("远山咨询", "客户体验评估", (87, 83, 85), (88, 80, 86)),
    Supplier("一诺印务", "印刷物料", (74, 78, 80), (75, 79, 81)),
    Supplier("智语科技", "AI 话术引擎", None, (79, 70, 68)),
)
