"""What leaving channels out saves and what it costs, out of an evaluation.json, beside the paper's own figures."""

from __future__ import annotations

from .statistics import bootstrap_percent_change

PAIRS = (
    ("sotto-phi25", "sotto-phi100"),
    ("sotto-phi25", "sotto-fp32"),
    ("sotto-phi50", "sotto-phi100"),
    ("sotto-phi50", "sotto-fp32"),
    ("sotto-phi12", "sotto-phi100"),
    ("sotto-phi12", "sotto-fp32"),
    ("sotto-phi100", "sotto-fp32"),
    ("sotto-static25", "sotto-fp32"),
    ("sotto-phi25", "sotto-static25"),
)
"""A system, and the one it is compared with: the same net allowed every channel, the dense one, the control without gates.

They have not been trained equally long: the card's table of levels says what each began from and how many steps it took."""

PAPER_SAVED_PERCENT = 29.6
PAPER_PESQ_PERCENT = -0.75
PAPER_TITLE = "The paper (Miccini et al. 2024, arXiv 2412.17121, abstract): trained for 25 % of the channels"


def channel_saving(evaluation: dict) -> list[dict]:
    """Each pair of an evaluation that it holds both systems of.

    Args:
        evaluation: contents of evaluation.json.
    Returns:
        title, against (titles), savedPercent (of the multiply-accumulates per frame; below 0 where it needs more) and pesqPercent
        (mean, low, high: change of the mean PESQ, mixtures paired, interval over speakers).
    """
    systems = {system["id"]: system for system in evaluation["systems"] if system.get("work")}
    speakers = [mixture["speaker"] for mixture in evaluation["mixtures"]]
    rows = []
    for identifier, other in PAIRS:
        if identifier not in systems or other not in systems:
            continue
        ours, theirs = systems[identifier], systems[other]
        pesq = [[mixture["pesq"] for mixture in system["mixtures"]] for system in (ours, theirs)]
        rows.append({
            "title": ours["title"], "against": theirs["title"],
            "savedPercent": 100 * (1 - ours["work"]["macsPerFrame"] / theirs["work"]["macsPerFrame"]),
            "pesqPercent": bootstrap_percent_change(*pesq, speakers),
        })
    return rows


def saving_table(evaluation: dict) -> str:
    """Markdown table of `channel_saving`, the paper's figures last; empty when no two levels can be compared."""
    rows = channel_saving(evaluation)
    if not rows:
        return ""
    lines = ["| system | against | MACs saved, % | PESQ-WB, change in % |", "|---|---|---|---|"]
    for row in rows:
        pesq = row["pesqPercent"]
        lines.append(
            f"| {row['title']} | {row['against']} | {row['savedPercent']:.1f} | "
            f"{pesq['mean']:+.2f} [{pesq['low']:+.2f}, {pesq['high']:+.2f}] |"
        )
    lines.append(f"| {PAPER_TITLE} | its net that uses all | {PAPER_SAVED_PERCENT:.1f} | {PAPER_PESQ_PERCENT:+.2f} |")
    return "\n".join(lines)
