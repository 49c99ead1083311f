"""Comments of survey answers: invented, in Chinese and English, some with awkward characters."""

from __future__ import annotations

PLEASED = (
    "客户经理很专业，响应也快，继续保持。",
    "合作三年了，一直很放心。",
    "发货及时，包装也好，会继续下单 👍",
    "售后工程师耐心细致，问题当天就解决了。",
    "新版 App 好用，对账方便多了。",
    "愿意推荐给同行。",
    "培训内容实用，团队上手很快。",
    "旺季也没有断货，非常感谢！",
    "Great support team, always answers within minutes.",
    "Reliable deliveries and a very helpful account manager.",
    "We have recommended you to two partners already 🎉",
    "Onboarding was smooth; the checklist helped a lot.",
    "性价比高，质量稳定。<b>推荐</b>",
    "Prices are fair & quality is consistent.",
)
NEUTRAL = (
    "整体还可以，价格略高。",
    "产品不错，但物流有时慢一两天。",
    "希望增加更多型号可选。",
    "一般，没有特别的感受。",
    "节假日客服响应偏慢，平时还行。",
    "Good product, documentation could be better.",
    "Fine overall, but invoices arrive late.",
    "OK. Would like a dedicated contact.",
    "=1+1 请在表格里核对一下数量",
    "见截图 ![x](http://example.com/x.png)",
    "满意度：中等；建议：开通批量下单。",
    "Neither good nor bad… waiting for the next release",
)
UPSET = (
    "投诉一周没人回复，太失望了。",
    "双十一期间电话一直打不通。",
    "换了三个对接人，每次都要重新讲一遍问题。",
    "质量不如去年，退货流程也麻烦 😡",
    "报价比竞争对手高 15%，正在考虑更换供应商。",
    "发票开错两次，财务很有意见。",
    "承诺 24 小时处理，结果拖了四天。",
    "Third late delivery this quarter. Considering other suppliers.",
    "Nobody called back although it was promised twice.",
    "Support closed the ticket without solving it.",
    "<script>alert('x')</script> 页面一直报错",
    "+86 热线排队 40 分钟",
    '"紧急"问题等了两个小时，"一般"问题没人管',
    "系统升级后数据丢失，至今没有说法。",
)
"""Each group fits its scores: promoters or 5, passives or 4, the others."""
COMMENTS = (*PLEASED, *NEUTRAL, *UPSET)
GROUP_STARTS = (0, len(PLEASED), len(PLEASED) + len(NEUTRAL))
GROUP_SIZES = (len(PLEASED), len(NEUTRAL), len(UPSET))
