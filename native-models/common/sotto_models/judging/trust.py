"""Checks without which no figure here is believed: known scores on raw speech, chance on noise, and agreement of families."""

from __future__ import annotations

from .judge_packages import JudgeError

LARGEST_RAW_EER = {"wespeaker": 3.0, "eres2net": 4.0, "statistics": 15.0}
"""Percent. The two pretrained families are known for .2-2 % on whole recordings; pieces of 3 s and moods may cost some more."""
LEAST_RAW_GENDER_ACCURACY = 85.0
LEAST_RAW_EMOTION_ACCURACY = 50.0
"""Percent, of seven moods (chance 14) and by the better family; intervals of three actors reach ten points down."""
LARGEST_RAW_WORDS_LOST = 15.0
LEAST_NOISE_WORDS_LOST = 90.0
LARGEST_DISAGREEMENT = 15.0
CHANCE_TOLERANCE = 5.0
"""Points by which an interval may miss chance: dozens of 95 % intervals are looked at, so that some miss it by luck."""
PRETRAINED = ("wespeaker", "eres2net")


def complaints(systems: dict[str, dict]) -> list[str]:
    """What is wrong with the judges, in plain words; empty when they can be trusted.

    Args:
        systems: id -> measures, as evaluation.json holds them; `raw` and `constant` must be among them.
    """
    found = []
    for control in ("raw", "constant"):
        if control not in systems:
            found.append(f"Expected the control {control} among the systems, found none.")
    if found:
        return found
    for family, attackers in systems["raw"]["speakers"].items():
        rate = attackers["informed"]["pooled"]["value"]
        if rate > LARGEST_RAW_EER[family]:
            found.append(f"Expected {family} below {LARGEST_RAW_EER[family]} % EER on raw speech, found {rate:.1f} %.")
    for attribute, least in (("gender", LEAST_RAW_GENDER_ACCURACY), ("emotion", LEAST_RAW_EMOTION_ACCURACY)):
        best = max(family["informed"]["value"] for family in systems["raw"][attribute].values())
        if best < least:
            found.append(f"Expected {attribute} told right on raw speech in {least} %, found {best:.1f} %.")
    raw_words = systems["raw"]["words"]["whisper-base"]["transcripts"]["acted-en"]["value"]
    if raw_words > LARGEST_RAW_WORDS_LOST:
        found.append(f"Expected Whisper to lose at most {LARGEST_RAW_WORDS_LOST} % of raw words, found {raw_words:.1f} %.")
    noise_words = systems["constant"]["words"]["whisper-base"]["disagreement"]["read"]["value"]
    if noise_words < LEAST_NOISE_WORDS_LOST:
        found.append(f"Expected noise to lose at least {LEAST_NOISE_WORDS_LOST} % of the words, found {noise_words:.1f} %.")
    for family, attackers in systems["constant"]["speakers"].items():
        for knowledge, attacker in attackers.items():
            rate = attacker["pooled"]
            if not rate["low"] - CHANCE_TOLERANCE <= 50 <= rate["high"] + CHANCE_TOLERANCE:
                found.append(
                    f"Expected chance for {knowledge} {family} on noise, found {rate['value']:.1f} % "
                    f"[{rate['low']:.1f}, {rate['high']:.1f}]: something leaks past the sanitiser."
                )
    for attribute in ("gender", "emotion"):
        for family, attackers in systems["constant"][attribute].items():
            for knowledge, rate in attackers.items():
                if not rate["low"] - CHANCE_TOLERANCE <= rate["chance"] <= rate["high"] + CHANCE_TOLERANCE:
                    found.append(
                        f"Expected {knowledge} {family} to tell {attribute} on noise by chance, {rate['chance']:.1f} %, found "
                        f"{rate['value']:.1f} % [{rate['low']:.1f}, {rate['high']:.1f}]: something leaks past the sanitiser."
                    )
    for name, system in systems.items():
        found += _below_chance(name, system) + _worse_than_lazy(name, system)
        first, second = (system["speakers"][family]["informed"]["pooled"] for family in PRETRAINED)
        if abs(first["value"] - second["value"]) > LARGEST_DISAGREEMENT and not _overlap(first, second):
            found.append(
                f"Expected the families to agree on {name}, found {first['value']:.1f} and {second['value']:.1f} % informed EER."
            )
    return found


def _below_chance(name: str, system: dict) -> list[str]:
    """Attackers that are surely worse than guessing: they are broken, not fended off."""
    found = []
    for family, attackers in system["speakers"].items():
        rate = attackers["informed"]["pooled"]
        if rate["low"] > 50 + CHANCE_TOLERANCE:
            found.append(f"Expected 50 % EER at worst of informed {family} on {name}, found {rate['value']:.1f} %: it is broken.")
    for attribute in ("gender", "emotion"):
        for family, attackers in system[attribute].items():
            rate = attackers["informed"]
            if rate["high"] < rate["chance"] - CHANCE_TOLERANCE:
                found.append(
                    f"Expected informed {family} to tell {attribute} on {name} by chance at worst, {rate['chance']:.1f} %, "
                    f"found {rate['value']:.1f} %: it is broken."
                )
    return found


def _worse_than_lazy(name: str, system: dict) -> list[str]:
    """Informed attackers who surely err more than those who learned nothing of the sanitiser: they learned it badly."""
    found = []
    for family, attackers in system["speakers"].items():
        informed, lazy = attackers["informed"]["pooled"], attackers["lazyInformed"]["pooled"]
        if informed["low"] > lazy["high"]:
            found.append(
                f"Expected informed {family} on {name} to err no more than lazy-informed, {lazy['value']:.1f} %, found "
                f"{informed['value']:.1f} %: it is badly trained."
            )
    return found


def _overlap(first: dict, second: dict) -> bool:
    return first["low"] <= second["high"] and second["low"] <= first["high"]


def require_trust(systems: dict[str, dict]) -> None:
    """Fails loudly when the judges cannot be trusted.

    Raises:
        JudgeError: with every complaint.
    """
    if found := complaints(systems):
        raise JudgeError("The judges cannot be trusted:\n  " + "\n  ".join(found))


STEPS = (("goal", 5.0, 35.0), ("good", 10.0, 30.0), ("usable", 20.0, 25.0))
"""Name, most points of words lost, least informed EER in percent; both as report.headline tells them."""


def step_reached(words_lost_points: float, informed_eer: float) -> str:
    """The highest step that both figures reach, or an empty string; the steps are those the product is held to."""
    for name, most_words, least_eer in STEPS:
        if words_lost_points <= most_words and informed_eer >= least_eer:
            return name
    return ""
