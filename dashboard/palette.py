"""Colours by meaning, for light and dark, and the layout every figure starts from.

Good, bad and watch are judgements and never stand alone: a sign or a word goes with them, because
red means "up" to many Chinese readers and because some readers do not see the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FONT = (
    "Inter, 'Helvetica Neue', Arial, 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', "
    "'Microsoft YaHei', sans-serif"
)
SIGNS = {"good": "▲", "bad": "▼", "watch": "●", "neutral": "●"}


@dataclass(frozen=True, slots=True)
class Palette:
    """The colour tokens of one theme. `steps` are an ordered scale, strongest first."""

    ink: str
    muted: str
    grid: str
    border: str
    background: str
    panel: str
    accent: str
    steps: tuple[str, str, str, str, str]
    band: str
    good: str
    bad: str
    watch: str
    neutral: str

    def of(self, judgement: str) -> str:
        """The colour of good, bad, watch or neutral."""
        return {
            "good": self.good,
            "bad": self.bad,
            "watch": self.watch,
            "accent": self.accent,
        }.get(judgement, self.neutral)


LIGHT = Palette(
    ink="#1B2430",
    muted="#6B7685",
    grid="#E9ECF1",
    border="#E3E6EB",
    background="#FFFFFF",
    panel="#F5F6F8",
    accent="#2456A6",
    steps=("#2456A6", "#7BA3DB", "#C9D6EA", "#DFE6F1", "#EEF2F8"),
    band="rgba(36,86,166,0.12)",
    good="#1F7A63",
    bad="#C2452D",
    watch="#B7791F",
    neutral="#6B7685",
)
DARK = Palette(
    ink="#E6EAF0",
    muted="#94A0B0",
    grid="#252E3A",
    border="#2C3542",
    background="#12171E",
    panel="#1B222C",
    accent="#7BA3DB",
    steps=("#8FB4E8", "#5179B5", "#33507C", "#283B59", "#1F2C40"),
    band="rgba(123,163,219,0.20)",
    good="#4DB394",
    bad="#E5735B",
    watch="#D9A243",
    neutral="#94A0B0",
)


def layout(palette: Palette, *, height: int = 280, **more: Any) -> dict[str, Any]:
    """The layout of a figure: our font and colours, no title, no legend, a light grid.

    Titles are page text, so that they wrap, translate and never clip.
    """
    axis: dict[str, Any] = {
        "showgrid": False,
        "zeroline": False,
        "linecolor": palette.border,
        "tickcolor": palette.border,
        "tickfont": {"color": palette.muted, "size": 12},
        "automargin": True,
        "fixedrange": True,
        "title": None,
    }
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 18, "b": 8, "pad": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": palette.ink},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": palette.panel,
            "bordercolor": palette.border,
            "font": {"family": FONT, "color": palette.ink, "size": 12},
        },
        "xaxis": axis,
        "yaxis": axis | {"showgrid": True, "gridcolor": palette.grid},
        "separators": ".,",
        "dragmode": False,
    }
    for key, value in more.items():
        known = base.get(key)
        base[key] = known | value if isinstance(known, dict) else value
    return base


def label(text: str) -> str:
    """Untrusted text for a plotly label: markup of the text itself is shown, not obeyed."""
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    )
