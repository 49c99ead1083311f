"""The churn models among the facts of a version: a refresh writes them, pages read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from metrics.churn.model import ChurnModel
from metrics.churn.regime import CONTRACTS, PURCHASES, Regime
from metrics.churn.risk import Assessment, Models

_NAMES = {PURCHASES.name: "churn", CONTRACTS.name: "contract_churn"}


def facts(assessment: Assessment) -> dict[str, Any]:
    """The models as they are stored, and why one could not be fitted."""
    told: dict[str, Any] = {}
    for regime, model, refusal in (
        (PURCHASES, assessment.model, assessment.refusal),
        (CONTRACTS, assessment.contracts, assessment.contracts_refusal),
    ):
        name = _NAMES[regime.name]
        told[f"{name}_model"] = model.to_json() if model else None
        told[f"{name}_refusal"] = str(refusal) if refusal else None
        told[f"{name}_refusal_reason"] = refusal.reason if refusal else None
        told[f"{name}_refusal_details"] = refusal.details if refusal else {}
    return told


def model(facts: Mapping[str, Any], regime: Regime) -> ChurnModel | None:
    """The model that scored the customers of a regime; None if there is none."""
    text = facts.get(f"{_NAMES[regime.name]}_model")
    return _parsed(text) if text else None


def last_good(facts: Mapping[str, Any]) -> Models:
    """The models of a version, for when the next one's cannot be fitted."""
    return Models(model(facts, PURCHASES), model(facts, CONTRACTS))


def refusal(facts: Mapping[str, Any], regime: Regime) -> tuple[str, Mapping[str, Any]]:
    """Why no model was fitted in this version: code (empty if unknown) and the values it names."""
    name = _NAMES[regime.name]
    return facts.get(f"{name}_refusal_reason") or "", facts.get(f"{name}_refusal_details") or {}


@lru_cache(maxsize=8)
def _parsed(text: str) -> ChurnModel | None:
    try:
        return ChurnModel.from_json(text)
    except (ValueError, KeyError, TypeError):
        return None  # written by another version of the code; the next refresh replaces it
