"""Which frames of a recording tell who speaks: windows of speech, spread over it, cheap to find.

Definition, for the product to repeat (`native-models/speaker-embedder/golden/speech-windows.json` holds vectors):

 1. The log mel of `mel.py`, not normalised: the embedder takes the mean of each band out of its window itself.
 2. There are n = ceil(seconds / 15) slots, but 5 to 20, of max(3 s, ceil(seconds / n) s): of a quarter of a minute all is
    heard, of longer recordings a share that costs an export little, at most a minute.
 3. Frame by frame: l is the frame's loudness (`mel.loudness`), m = max(l, m 10^(-0.002)) the recently loudest, fading by 20 dB in
    5 s. A frame is speech where l > 10^-1.5 m: less than 30 dB below, the definition of activity in training.
 4. The first 300 frames of speech in each slot are taken; m rests from there to the slot's end, so that nobody has to look at what
    is there. The first two frames of every slot but the first are never looked at: they overlap with what may have been skipped.
    After 20 x 300 frames all ends: where a header tells too short a length there are more slots than step 2 means.
 5. What was taken is cut into windows of 300 frames, in order; the rest is a window of its own from 100 frames on.
"""

from __future__ import annotations

import math

import numpy as np

from .mel import FRAMES_PER_SECOND, loudness

WINDOW_FRAMES = 300
LEAST_FRAMES = 100
LEAST_SLOTS, MOST_SLOTS = 5, 20
SECONDS_OF_A_SLOT = 15
ACTIVE_SHARE = 10**-1.5
FADE_OF_LOUDEST = 10 ** (-20 / 20 / 500)
JOINT_FRAMES = 2


def slot_frames(seconds: float) -> int:
    """Frames of a slot, whole seconds, for a recording of this length."""
    slots = min(MOST_SLOTS, max(LEAST_SLOTS, math.ceil(seconds / SECONDS_OF_A_SLOT)))
    return max(WINDOW_FRAMES, FRAMES_PER_SECOND * math.ceil(seconds / slots))


def speech_frames(logarithms: np.ndarray, seconds: float) -> np.ndarray:
    """Numbers of the frames that are taken, in order, (frames,), int64; steps 2 to 4 of the module's definition.

    Args:
        logarithms: (frames, 80), log mel of the whole recording.
        seconds: its length.
    """
    slot, level, loudest, taken, counted = slot_frames(seconds), loudness(logarithms), 0.0, [], 0
    for frame in range(len(logarithms)):
        inside = frame % slot
        if inside == 0:
            counted = 0
        if counted == WINDOW_FRAMES or (frame >= slot and inside < JOINT_FRAMES):
            continue
        loudest = max(level[frame], loudest * FADE_OF_LOUDEST)
        if level[frame] > ACTIVE_SHARE * loudest:
            taken.append(frame)
            counted += 1
            if len(taken) == MOST_SLOTS * WINDOW_FRAMES:
                break
    return np.array(taken, np.int64)


def speech_windows(logarithms: np.ndarray, seconds: float) -> list[np.ndarray]:
    """Windows of log mel (100 to 300 frames, 80); none where less than a second of speech was found.

    Args:
        logarithms, seconds: see `speech_frames`.
    """
    taken = logarithms[speech_frames(logarithms, seconds)]
    windows = [taken[at : at + WINDOW_FRAMES] for at in range(0, len(taken), WINDOW_FRAMES)]
    return [window for window in windows if len(window) >= LEAST_FRAMES]
