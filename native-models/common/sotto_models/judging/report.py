"""All measures of one system out of its recordings, and evaluations that grow system by system."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..probing.pitch_trackers import swift_f0
from .attacks import Material, attack_attribute, attack_speakers
from .embedders import Embedder, eres2net, sound_statistics, wespeaker
from .judge_packages import CARRIERS, pinned_name
from .material import Recording
from .measurements import embedded, recognised
from .recognisers import Recogniser, vosk_english, whisper_base
from .words import error_rate

FAMILIES: dict[str, Callable[[], Embedder]] = {
    "wespeaker": wespeaker, "eres2net": eres2net, "statistics": lambda: sound_statistics(swift_f0()),
}
ATTRIBUTE_FAMILIES = ("wespeaker", "statistics")
"""Two families suffice for gender and emotion; ERes2Net is close to WeSpeaker and costs the most time."""
RECOGNISERS: dict[str, tuple[Callable[[], Recogniser], tuple[str, ...]]] = {
    "whisper-base": (whisper_base, ("read", "acted-en", "acted-de")),
    "vosk-en": (vosk_english, ("read", "acted-en")),
}
WITH_TRANSCRIPTS = ("acted-en", "acted-de")
NO_METHOD = ("tables.py",)
"""Modules here that show figures and make none."""


def words_lost(recordings: Sequence[Recording], folder: Path, cache: Path, raw_folder: Path, raw_cache: Path) -> dict:
    """Recogniser -> word error rates against transcripts, points lost against raw, and disagreement with itself on raw.

    Returns:
        for each recogniser: transcripts and rawTranscripts (population -> rate), pointsLost (population -> points), disagreement
        (population -> rate where the recogniser's words on the raw recording are the reference).
    """
    result = {}
    for name, (make, populations) in RECOGNISERS.items():
        result[name] = {"transcripts": {}, "rawTranscripts": {}, "pointsLost": {}, "disagreement": {}}
        for population in populations:
            chosen = [r for r in recordings if r.use == "words" and r.population == population]
            said = recognised(folder, chosen, cache / f"{pinned_name(name)}.json", make)
            on_raw = recognised(raw_folder, chosen, raw_cache / f"{pinned_name(name)}.json", make)
            speakers = [r.speaker for r in chosen]
            told = result[name]
            if population in WITH_TRANSCRIPTS:
                references = [r.transcript for r in chosen]
                told["transcripts"][population] = error_rate(references, said, speakers)
                told["rawTranscripts"][population] = error_rate(references, on_raw, speakers)
                told["pointsLost"][population] = (
                    told["transcripts"][population]["value"] - told["rawTranscripts"][population]["value"]
                )
            told["disagreement"][population] = error_rate(on_raw, said, speakers)
    return result


def judge(recordings: Sequence[Recording], folder: Path, cache: Path, raw_folder: Path, raw_cache: Path) -> dict:
    """Words, speakers, gender and emotion of one sanitised folder.

    Args:
        folder, raw_folder: sanitised and raw recordings, by the same names.
        cache, raw_cache: where their measurements are kept.
    """
    words = words_lost(recordings, folder, cache, raw_folder, raw_cache)
    result: dict = {"words": words, "speakers": {}, "gender": {}, "emotion": {}}
    embedded_uses = [r for r in recordings if r.use != "words"]
    for family, make in FAMILIES.items():
        # Acted German serves emotion alone, which not every family judges.
        wanted = [r for r in embedded_uses if family in ATTRIBUTE_FAMILIES or r.population != "acted-de"]
        tables = [
            embedded(place, wanted, kept / f"{pinned_name(family)}.npz", make)
            for place, kept in ((raw_folder, raw_cache), (folder, cache))
        ]
        readers = [i for i, r in enumerate(wanted) if r.population != "acted-de"]
        result["speakers"][family] = attack_speakers(_some(wanted, tables, readers))
        if family in ATTRIBUTE_FAMILIES:
            material = _some(wanted, tables, list(range(len(wanted))))
            trained = sorted({r.population for r in wanted if r.use == "training" and r.gender} - {"acted-de"})
            result["gender"][family] = attack_attribute(material, "gender", trained, material.of("speaker"))
            result["emotion"][family] = attack_attribute(material, "emotion", ["acted-de"], material.of("emotion"))
    return result


def _some(recordings: list[Recording], tables: list[np.ndarray], indices: list[int]) -> Material:
    return Material([recordings[i] for i in indices], tables[0][indices], tables[1][indices])


def rounded(value, digits: int = 2):
    """Numbers to so many digits, all the way down; what a table cannot show is not kept."""
    if isinstance(value, dict):
        return {key: rounded(part, digits) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part, digits) for part in value]
    return round(value, digits) if isinstance(value, float) else value


def method_key(folder: Path = Path(__file__).parent) -> str:
    """A short hash of how figures are made: the modules of this folder and the pinned judges.

    It stands in every row of an evaluation, so that rows of another method are never set beside those of this one.
    """
    code = b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.glob("*.py")) if path.name not in NO_METHOD)
    return hashlib.sha256(code + repr(sorted(CARRIERS.items())).encode()).hexdigest()[:12]


def earlier_systems(file: Path, key: str, method: str) -> dict[str, dict]:
    """Systems of an earlier evaluation of the same material by the same method; none where there is none.

    Args:
        key: see material_key.
        method: see method_key.
    """
    if not file.exists():
        return {}
    earlier = json.loads(file.read_text(encoding="utf-8"))
    if earlier["material"]["key"] != key:
        return {}
    return {system["id"]: system for system in earlier["systems"] if system.get("method") == method}


KNOWING = ("lazyInformed", "informed")
"""Attackers who enrol sanitised recordings. Who could be informed may as well do what the lazy one does."""


def headline(system: dict) -> dict[str, float]:
    """What a system is judged by, each the worse for it.

    Returns:
        wordsLostPoints: words of read English lost by the recogniser that loses more; informedEer: percent, of the attacker who
        errs least among all families and all who know that recordings are sanitised.
    """
    return {
        "wordsLostPoints": max(judged["disagreement"]["read"]["value"] for judged in system["words"].values()),
        "informedEer": min(
            attackers[knowledge]["pooled"]["value"] for attackers in system["speakers"].values() for knowledge in KNOWING
        ),
    }
