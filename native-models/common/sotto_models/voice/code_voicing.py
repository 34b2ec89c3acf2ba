"""Which codes are voiced: a file of codes holds no F0, so whoever speaks them must know where to let the voice sound."""

from __future__ import annotations

import numpy as np

from .codebooks import nearest
from .labels import VoiceLabels

MOST_FRAMES = 400_000


def code_voicing(labels: VoiceLabels, centres: np.ndarray) -> np.ndarray:
    """The share of voiced frames of each code over train clips, at most 400 000 code frames of all sources in turn.

    Args:
        centres: (codes, 64), the first codebook.
    Returns:
        (codes,), 0 to 1; 0 for a code that nothing has.
    Raises:
        ValueError: there is no train clip.
    """
    clips = labels.chosen("train")
    if not clips:
        raise ValueError("Expected labelled speech of the train split, found none. Run label.py.")
    seen, voiced, frames = np.zeros(len(centres)), np.zeros(len(centres)), 0
    for number in np.random.default_rng(1).permutation(len(clips)):
        clip = clips[number]
        codes = nearest(labels.z(clip), centres)
        # Two values of F0 for each code.
        sounding = (labels.f0_hz(clip) > 0).reshape(-1, 2).mean(1)
        seen += np.bincount(codes, minlength=len(centres))
        voiced += np.bincount(codes, sounding, minlength=len(centres))
        frames += len(codes)
        if frames >= MOST_FRAMES:
            break
    return np.where(seen > 0, voiced / np.maximum(seen, 1), 0.0)
