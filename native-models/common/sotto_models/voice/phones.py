"""Which phoneme a synthetic sentence is in at each frame, and how much units tell about phonemes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..json_lines import read_json_lines

KOKORO_FRAME_MILLISECONDS = 25
FRAME_MILLISECONDS = 20
SILENCE = 0
UNKNOWN = -1
SHORT_GAP_FRAMES = 3
"""A space between words this short (75 ms) is no pause: what sounds there is the neighbours' business, so it is unknown."""

STRESS = "ˈˌ"
LENGTH = "ː"
SAME = {"ᵊ": "ə", "ɐ": "ə", "ᵻ": "ɪ", "T": "ɾ"}
PHONES = tuple("_AIOWYQabdefhijklmnopstuvwzæðŋɑɒɔəɛɜɡɪɹɾʃʊʌʒʤʧθ")
"""Classes; `_` is silence, the capitals are Kokoro's diphthongs, and what `SAME` names is one class."""

HELD_OUT_EVERY = 8


def is_held_out_voice(speaker: str) -> bool:
    """True for every eighth synthetic voice (`kokoro-7`, `kokoro-15`, ...): it shapes no weight and judges on the way.

    Args:
        speaker: as the manifest of make_voices.py names it.
    """
    name, _, number = speaker.rpartition("-")
    return name == "kokoro" and number.isdigit() and int(number) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1


def phone_frames(phonemes: str, durations: list[int], frames: int) -> np.ndarray:
    """The phoneme at the middle of each 20 ms frame of a sentence that make_voices.py spoke.

    A stress mark's time belongs to the phoneme behind it, a length mark's to the one before; punctuation, padding and
    longer gaps are silence; a short space and symbols outside `PHONES` are unknown.

    Args:
        phonemes: one symbol per token.
        durations: 25 ms frames of each token, those of the two padding tokens first and last.
        frames: how many to return; beyond the sentence is silence.
    Returns:
        (frames,), int8, index into `PHONES`, or `UNKNOWN`.
    Raises:
        ValueError: durations and phonemes do not belong together.
    """
    if len(durations) != len(phonemes) + 2:
        raise ValueError(f"Expected {len(phonemes) + 2} durations for {len(phonemes)} phonemes, found {len(durations)}.")
    classes = [SILENCE, *(UNKNOWN,) * len(phonemes), SILENCE]
    for position in range(len(phonemes), 0, -1):
        symbol = phonemes[position - 1]
        if symbol in STRESS:
            classes[position] = classes[position + 1]
        elif symbol == " ":
            # Beside punctuation a space is part of the pause.
            pause = durations[position] > SHORT_GAP_FRAMES or not phonemes[position - 2 : position - 1].isalpha()
            classes[position] = SILENCE if pause else UNKNOWN
        elif symbol != LENGTH:
            classes[position] = _class_of(symbol)
    for position in range(1, len(phonemes) + 1):
        if phonemes[position - 1] == LENGTH:
            classes[position] = classes[position - 1]
    fine = np.repeat(np.array(classes, np.int8), durations)
    at = np.arange(frames) * FRAME_MILLISECONDS // KOKORO_FRAME_MILLISECONDS
    return np.where(at < len(fine), fine[np.minimum(at, len(fine) - 1)], SILENCE).astype(np.int8)


def _class_of(symbol: str) -> int:
    symbol = SAME.get(symbol, symbol)
    if symbol in PHONES:
        return PHONES.index(symbol)
    return UNKNOWN if symbol.isalpha() else SILENCE


class PhoneTracks:
    """Phonemes of synthetic clips, out of the sentences.jsonl that make_voices.py writes beside their folder."""

    def __init__(self) -> None:
        self._sentences: dict[Path, dict[int, dict]] = {}

    def of(self, path: str | Path, source: str, frames: int) -> np.ndarray:
        """(frames,) int8, see `phone_frames`; unknown for recordings of any other source."""
        path = Path(path)
        folder = path.parent.parent
        if source != "kokoro" or not (folder / "sentences.jsonl").exists():
            return np.full(frames, UNKNOWN, np.int8)
        if folder not in self._sentences:
            self._sentences[folder] = {sentence["index"]: sentence for sentence in read_json_lines(folder / "sentences.jsonl")}
        sentence = self._sentences[folder][int(path.stem)]
        return phone_frames(sentence["phonemes"], sentence["durations"], frames)


def phone_information(phones: np.ndarray, units: np.ndarray) -> float:
    """PNMI: the share of the phonemes' entropy that units take away, 0 to 1; unknown phonemes are left out.

    With few frames per unit it comes out too high; compare only figures of the same frames and number of units.

    Args:
        phones: (frames,), `UNKNOWN` or a class.
        units: (frames,), whole numbers from 0.
    References:
        Hsu et al. 2021, "HuBERT", section IV.D, https://arxiv.org/abs/2106.07447
    """
    known = phones >= 0
    joint = np.zeros((int(phones.max()) + 1, int(units.max()) + 1))
    np.add.at(joint, (phones[known], units[known].astype(np.int64)), 1)
    joint /= joint.sum()
    phone, unit = joint.sum(1), joint.sum(0)
    there = joint > 0
    information = (joint[there] * np.log(joint[there] / np.outer(phone, unit)[there])).sum()
    return float(information / -(phone[phone > 0] * np.log(phone[phone > 0])).sum())
