"""What the tables and columns of a CRM make possible."""

from __future__ import annotations

from enum import StrEnum


class Power(StrEnum):
    """A view, or a part of one, that a table or column feeds; off when that is missing.

    The codes are stable: locale files name them, manifests and links keep them.
    """

    TIERS = "tiers"
    LIFECYCLE = "lifecycle"
    CHURN_RISK = "churn_risk"
    CUSTOMER = "customer"
    CONTRACTS = "contracts"  # churn as the end of a contract, for customers who have one
    VOICE = "voice"
    SERVICE = "service"
    ENGAGEMENT = "engagement"
    CAMPAIGNS = "campaigns"
    CAMPAIGN_PLANS = "campaign_plans"  # objective, tasks, targets and reviews of campaigns
    CAMPAIGN_COST = "campaign_cost"
    CAMPAIGN_COURSE = "campaign_course"  # day by day: participation, community, calls
    CAMPAIGN_FORMS = "campaign_forms"  # results by form and by channels that reached a customer
    BUDGET = "budget"
    PROFIT = "profit"  # profit figures and the profit rule of the tier scheme
    PRODUCTS = "products"  # what was bought
    ACTUALS = "actuals"  # spending against the plan
    BUDGET_CONTROL = "budget_control"  # versions, blocks, investigations, decisions
    QUANTITIES = "quantities"  # variance by price and quantity
    APPROVALS = "approvals"
    FIXED_COST = "fixed_cost"
    RETURNS = "returns"  # what the money brings
    INSURANCE = "insurance"
    SERVICE_COSTS = "service_costs"
    ACQUISITION_COST = "acquisition_cost"
    OWNER_NAMES = "owner_names"
    BY_SEGMENT = "by_segment"  # filter and breakdown, likewise the next ones
    BY_REGION = "by_region"
    BY_OWNER = "by_owner"
    BY_ACQUISITION_CHANNEL = "by_acquisition_channel"
    BY_CHANNEL = "by_channel"
    NPS = "nps"
    CSAT = "csat"
    COMMENTS = "comments"
    RESPONSE_RATE = "response_rate"
    SCENARIOS = "scenarios"  # satisfaction by what the customer was doing
    SERVQUAL = "servqual"
    ASPECTS = "aspects"  # satisfaction with product, service, communication
    FEEDBACK = "feedback"
    NEEDS = "needs"
    FIRST_RESPONSE = "first_response"
    ROUTING = "routing"
    RESOLUTION = "resolution"
    RECONCILIATION = "reconciliation"  # our promise verdict beside the source's
    HAND_OFFS = "hand_offs"
    GRADE_CHANGES = "grade_changes"  # promises by the grade of the time, not by the last one
    PROFILE = "profile"  # completeness and duplicates of customer files
    CONSENT = "consent"  # contacts that the customer did not agree to
    CHANNEL_FIT = "channel_fit"  # contacts on the channel that suits the customer
    CONTENT_FIT = "content_fit"  # contacts whose content or positioning suits the tier
    PERSONALISATION = "personalisation"
    CONTACT_STANDARD = "contact_standard"  # contacts that kept to the communication standard
    REACH = "reach"  # delivered, opened, clicked
    CONTACT_RESULT = "contact_result"  # contacts that led to an order
    CONTACT_COST = "contact_cost"
    TALK_TIME = "talk_time"
    SCRIPTS = "scripts"
    AUTOMATION = "automation"  # contacts that a rule asked for
    TOUCHPOINTS = "touchpoints"
    ACTIVITY = "activity"  # use of the app and other channels of one's own
    EXPERIMENTS = "experiments"
    CARE = "care"  # birthdays, holidays, anniversaries
    CROSS_SELL = "cross_sell"
    TIER_RECORDS = "tier_records"  # tiers as the CRM keeps them, beside those computed
    LOYALTY = "loyalty"
    POINTS = "points"
    COUPONS = "coupons"
    REFERRALS = "referrals"
    REVIEWS = "reviews"
    CONNECTIVITY = "connectivity"  # accounts on channels that are known to be a customer's
    AUDITS = "audits"  # accuracy of customer files, by samples
    SYNC_RUNS = "sync_runs"
    GOVERNANCE = "governance"  # reviews, audits and drills that are due
    INCIDENTS = "incidents"
    ASSESSMENTS = "assessments"  # the company's place among others, as somebody outside sees it
    PROGRAMME = "programme"  # tasks and milestones against the plans
    RISKS = "risks"
    DRILLS = "drills"
    SUPPLIERS = "suppliers"  # appraisals of suppliers
    KNOWLEDGE = "knowledge"
    CHANNEL_HAND_OVERS = "channel_hand_overs"  # tickets passed from one channel to another
    RECTIFICATIONS = "rectifications"
    QUALITY_CHECKS = "quality_checks"
    KNOWLEDGE_QUERIES = "knowledge_queries"
    TRAINING = "training"
    BOT = "bot"  # tickets that a bot took first, or solved alone
    FIRST_CONTACT = "first_contact"
    COMPLAINT_CAUSES = "complaint_causes"
    CALLS = "calls"  # calls answered, and how long customers waited
    STAFF = "staff"  # roles, who has left, who works for a vendor
    TENURE = "tenure"  # time before the first order in the data
    DELETIONS = "deletions"  # rows deleted in the CRM leave the figures
    LATEST_VERSION = "latest_version"  # of two rows with one key, the newer is known
    COMPLETENESS = "completeness"  # figures are judged as of the end of each feed
