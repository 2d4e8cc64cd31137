"""Closed lists: units, denominators and grades of evidence, each with its label in both languages."""

from __future__ import annotations

Words = dict[str, str]

NONE = "none"

UNITS: dict[str, Words] = {
    "persons": {"en": "persons", "zh": "人"},
    "beds": {"en": "beds", "zh": "张"},
    "beds_per_1000": {"en": "beds per 1,000", "zh": "张/千人"},
    "beds_per_year": {"en": "beds per year", "zh": "张/年"},
    "points": {"en": "meal points", "zh": "个服务点"},
    "points_per_10000": {"en": "meal points per 10,000", "zh": "个/万人"},
    "kitchens": {"en": "kitchens", "zh": "个厨房"},
    "places": {"en": "villages and communities", "zh": "个村、社区"},
    "km": {"en": "kilometres", "zh": "千米"},
    "meals_per_day": {"en": "meals per day", "zh": "餐/日"},
    "meals_per_person_day": {"en": "meals per person and day", "zh": "餐/人日"},
    "meals_per_point_day": {"en": "meals per point and day", "zh": "餐/点日"},
    "meals_per_kitchen_day": {"en": "meals per kitchen and day", "zh": "餐/厨房日"},
    "persons_per_worker": {"en": "persons per care worker", "zh": "人/护理员"},
    "cohorts_per_year": {"en": "training courses per year", "zh": "期/年"},
    "children_per_woman": {"en": "children per woman", "zh": "个孩子/妇女"},
    "year": {"en": "calendar year", "zh": "年份"},
    "years": {"en": "years", "zh": "年"},
    "rate_per_year": {"en": "rate per year", "zh": "年率"},
    "share": {"en": "share (1 = all)", "zh": "比例（1为全部）"},
    "ratio": {"en": "ratio", "zh": "比值"},
    "log_ratio": {"en": "logarithm of a ratio", "zh": "比值的对数"},
    "index_points": {"en": "index points", "zh": "指数点"},
    "count": {"en": "count", "zh": "个数"},
    "choice": {"en": "choice", "zh": "选项"},
}

DENOMINATORS: dict[str, Words] = {
    NONE: {"en": "none", "zh": "无"},
    "residents": {"en": "residents", "zh": "常住人口"},
    "registered": {"en": "registered residents", "zh": "户籍人口"},
    "elders_60plus": {"en": "elders aged 60+", "zh": "60岁及以上老年人"},
    "elders_60plus_registered": {"en": "registered elders aged 60+", "zh": "60岁及以上户籍老年人"},
    "elders_needing_meal_help": {"en": "elders who need help with meals", "zh": "需要助餐的老年人"},
    "dependents": {"en": "dependent elders", "zh": "失能老年人"},
    "dependents_at_home": {"en": "dependent elders outside institutions", "zh": "未入住机构的失能老年人"},
    "care_workers": {"en": "care workers", "zh": "养老护理员"},
    "institutions": {"en": "institutions", "zh": "养老机构"},
    "home_care_centres": {"en": "home-care centres", "zh": "照料中心"},
    "service_days": {"en": "days of service", "zh": "服务日"},
    "females": {"en": "females", "zh": "女性"},
    "beds": {"en": "beds", "zh": "床位"},
    "applicants": {"en": "applicants", "zh": "申请入住者"},
    "institution_residents": {"en": "residents of institutions", "zh": "机构入住老人"},
    "waiting": {"en": "elders waiting for a place", "zh": "等候入住的老年人"},
    "villages_and_communities": {"en": "villages and communities", "zh": "村和社区"},
}

EVIDENCE: dict[str, Words] = {
    "measured": {"en": "measured", "zh": "实测"},
    "official": {"en": "official", "zh": "官方"},
    "derived": {"en": "derived", "zh": "换算"},
    "literature": {"en": "literature", "zh": "文献"},
    "policy": {"en": "policy", "zh": "政策"},
    "assumption": {"en": "assumption", "zh": "设定"},
}
