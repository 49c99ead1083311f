"""Comments of survey answers: invented, in the customer's language, some with awkward characters.

Customers overseas write in English, all others in Chinese; the lists are parallel.
"""

from __future__ import annotations

_PLEASED = (
    "客户经理很专业，响应也快，继续保持。",
    "合作三年了，一直很放心。",
    "发货及时，包装也好，会继续下单 👍",
    "售后工程师耐心细致，问题当天就解决了。",
    "新版 App 好用，对账方便多了。",
    "愿意推荐给同行。",
    "培训内容实用，团队上手很快。",
    "旺季也没有断货，非常感谢！",
    "客服总是几分钟内就回复，很省心。",
    "交付稳定，对接人也很热心。",
    "已经把你们推荐给两家合作伙伴 🎉",
    "上线过程很顺利，清单帮了大忙。",
    "性价比高，质量稳定。<b>推荐</b>",
    "价格公道 & 质量一致。",
)
_NEUTRAL = (
    "整体还可以，价格略高。",
    "产品不错，但物流有时慢一两天。",
    "希望增加更多型号可选。",
    "一般，没有特别的感受。",
    "节假日客服响应偏慢，平时还行。",
    "产品好用，文档还可以再完善。",
    "总体不错，就是发票来得晚。",
    "还行，希望有专属对接人。",
    "=1+1 请在表格里核对一下数量",
    "见截图 ![x](http://example.com/x.png)",
    "满意度：中等；建议：开通批量下单。",
    "说不上好坏……等下一个版本再看",
)
_UPSET = (
    "投诉一周没人回复，太失望了。",
    "双十一期间电话一直打不通。",
    "换了三个对接人，每次都要重新讲一遍问题。",
    "质量不如去年，退货流程也麻烦 😡",
    "报价比竞争对手高 15%，正在考虑更换供应商。",
    "发票开错两次，财务很有意见。",
    "承诺 24 小时处理，结果拖了四天。",
    "这个季度第三次延迟交货，正在考虑其他供应商。",
    "答应了两次回电，一次也没打来。",
    "问题没解决，工单就被关闭了。",
    "<script>alert('x')</script> 页面一直报错",
    "+86 热线排队 40 分钟",
    '"紧急"问题等了两个小时，"一般"问题没人管',
    "系统升级后数据丢失，至今没有说法。",
)
_PLEASED_ENGLISH = (
    "Professional account manager, quick answers. Keep it up.",
    "Three years together and never a worry.",
    "Fast shipping, good packaging, will order again 👍",
    "The service engineer was patient and fixed it the same day.",
    "The new app is handy; reconciling takes half the time.",
    "Happy to recommend you to others in the trade.",
    "Practical training, the team was up to speed quickly.",
    "Never out of stock, even in high season. Thank you!",
    "Great support team, always answers within minutes.",
    "Reliable deliveries and a very helpful account manager.",
    "We have recommended you to two partners already 🎉",
    "Onboarding was smooth; the checklist helped a lot.",
    "Good value, steady quality. <b>Recommended</b>",
    "Prices are fair & quality is consistent.",
)
_NEUTRAL_ENGLISH = (
    "All right overall, a little expensive.",
    "Good product, but shipping is sometimes a day or two late.",
    "Would like more models to choose from.",
    "Average, nothing special to report.",
    "Slow answers on public holidays, fine otherwise.",
    "Good product, documentation could be better.",
    "Fine overall, but invoices arrive late.",
    "OK. Would like a dedicated contact.",
    "=1+1 please check the quantities in the sheet",
    "See screenshot ![x](http://example.com/x.png)",
    "Satisfaction: medium; suggestion: allow bulk orders.",
    "Neither good nor bad… waiting for the next release",
)
_UPSET_ENGLISH = (
    "A week without an answer to our complaint. Disappointed.",
    "Nobody picked up the phone in the whole sales week.",
    "Three contacts so far, and each time we explain it all again.",
    "Quality is worse than last year, and returns are a hassle 😡",
    "15% dearer than a competitor; we are thinking of switching.",
    "Two wrong invoices. Our accountants are not amused.",
    "Promised within 24 hours, took four days.",
    "Third late delivery this quarter. Considering other suppliers.",
    "Nobody called back although it was promised twice.",
    "Support closed the ticket without solving it.",
    "<script>alert('x')</script> the page keeps failing",
    "+86 hotline: 40 minutes in the queue",
    'Two hours for an "urgent" issue, nobody for a "general" one',
    "Data lost after the upgrade, and no explanation to this day.",
)
"""Each group fits its scores: promoters or 5, passives or 4, the others."""
CHINESE = (*_PLEASED, *_NEUTRAL, *_UPSET)
ENGLISH = (*_PLEASED_ENGLISH, *_NEUTRAL_ENGLISH, *_UPSET_ENGLISH)
GROUP_STARTS = (0, len(_PLEASED), len(_PLEASED) + len(_NEUTRAL))
GROUP_SIZES = (len(_PLEASED), len(_NEUTRAL), len(_UPSET))
