"""Words lost: normalised text, word errors, and rates with intervals over speakers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from ..statistics import bootstrap_sums

NUMBERS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine", "10": "ten", "11": "eleven", "12": "twelve", "20": "twenty", "30": "thirty", "100": "hundred",
}
SAME_SPELLING = {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue"}


def words_of(text: str) -> list[str]:
    """Lower case words without punctuation; apostrophes vanish, hyphens part words, small English numbers are spelt out.

    German umlauts become two letters, because transcripts write them either way.
    """
    text = unicodedata.normalize("NFC", text).lower()
    for letter, spelt in SAME_SPELLING.items():
        text = text.replace(letter, spelt)
    text = re.sub(r"['’`]", "", text)
    found = re.findall(r"[^\W_]+", text)
    return [NUMBERS.get(word, word) for word in found]


def word_errors(reference: Sequence[str], said: Sequence[str]) -> int:
    """Substitutions, deletions and insertions between two lists of words, the fewest possible (Levenshtein 1966)."""
    row = np.arange(len(said) + 1)
    for i, wanted in enumerate(reference, start=1):
        before, row = row, np.empty_like(row)
        row[0] = i
        for j, word in enumerate(said, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (wanted != word))
    return int(row[-1])


def error_rate(references: Sequence[str], said: Sequence[str], speakers: Sequence[str]) -> dict[str, float | int]:
    """Word error rate in percent with a 95 % interval over speakers; above 100 where more is invented than was said.

    Args:
        references: what was said, one text for each recording.
        said: what a recogniser wrote.
    Returns:
        value, low, high (percent), speakers, recordings, words.
    Raises:
        ValueError: no reference holds a word.
    """
    counted = [(words_of(r), words_of(s)) for r, s in zip(references, said, strict=True)]
    names = sorted(set(speakers))
    by_speaker = np.zeros((len(names), 2))
    for (reference, heard), speaker in zip(counted, speakers, strict=True):
        by_speaker[names.index(speaker)] += word_errors(reference, heard), len(reference)
    if not by_speaker[:, 1].sum():
        raise ValueError("Expected references with words in them, found none.")
    rate = bootstrap_sums(by_speaker, lambda sums: 100 * sums[0] / sums[1] if sums[1] else float("nan"))
    return {
        "value": rate["value"], "low": rate["low"], "high": rate["high"], "speakers": len(names), "recordings": len(counted),
        "words": int(by_speaker[:, 1].sum()),
    }
