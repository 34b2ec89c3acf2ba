"""How many words a synthesis loses: real speech of the valid split through z and back, judged by a recogniser.

Each recording is spoken again in a fresh mixture of voices, its F0 moved to that voice. The reference is what the recogniser
itself writes of the original, so the figures are disagreements: transcripts of these recordings do not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from ..corpus import Clip, read_manifest, training_clips
from ..judging.recognisers import Recogniser
from ..judging.words import error_rate, words_of
from ..pcm_cache import SAMPLE_RATE_HZ, read_clip
from .exported_synthesis import ExportedSynthesis
from .labels import VoiceLabels
from .pairs import target_mixture
from .synthesis_data import mode_of_z
from .synthesis_loss import LISTENING_RMS
from .synthesis_net import VOICE_NAMES, SynthesisNet
from .synthesis_render import moved_to, render

JUDGE = "Whisper base, int8, greedy; disagreement in percent with its own words of the original, 95 % over speakers"
SEED = 771
LANGUAGES = ("en", "de")


def chosen_clips(corpus: Path, language: str, count: int) -> list[Clip]:
    """Valid speech of 2 to 20 s of one language, one of each speaker before a second of any; always the same ones."""
    clips = training_clips(read_manifest(corpus), "valid")
    wanted = [c for c in clips if c.kind == "speech" and c.label == language and 2 <= c.duration_seconds <= 20]
    order = np.random.default_rng(SEED).permutation(len(wanted))
    rounds: dict[str, int] = {}
    ranked = []
    for number in order:
        clip = wanted[number]
        rounds[clip.speaker] = rounds.get(clip.speaker, 0) + 1
        ranked.append((rounds[clip.speaker], len(ranked), clip))
    return [clip for *_, clip in sorted(ranked, key=lambda r: r[:2])[:count]]


def voice_of(number: int) -> dict[str, float]:
    """The mixture that speaks the recording of a number."""
    return target_mixture(np.random.default_rng([SEED, number]), list(VOICE_NAMES))


def spoken_again(
    net: SynthesisNet | ExportedSynthesis, labels: VoiceLabels, z: np.ndarray, clip_path: Path, number: int, mode: str,
    registers: np.ndarray,
) -> np.ndarray:
    """A recording in its voice and a mode, (samples,), 16 kHz, of the original's length.

    Args:
        labels: F0 of the recording, and codebooks. z: of the recording, (frames, 64), as the encoder gives it.
        registers: how high each of VOICE_NAMES speaks, (54,), Hz.
    """
    source = labels.clip(clip_path)
    mixture = voice_of(number)
    register = 2 ** sum(w * np.log2(registers[VOICE_NAMES.index(name)]) for name, w in mixture.items())
    said = mode_of_z(z[: source.frames], mode, labels.codebooks)
    sound = render(net, said, moved_to(labels.f0_hz(source), register), mixture, mode, seed=number)
    return resample_poly(sound, 2, 3)[: source.samples].astype(np.float32)


def judge(recognise: Recogniser, sounds: list[np.ndarray], language: str) -> list[str]:
    """What the judge writes of each, all at the same level."""
    levelled = [sound * np.float32(LISTENING_RMS / max(float(np.sqrt(np.mean(sound**2))), 1e-6)) for sound in sounds]
    return [recognise(np.clip(sound, -1, 1), language) for sound in levelled]


def words_lost(
    net: SynthesisNet | ExportedSynthesis, registers: np.ndarray, labels: VoiceLabels, z_of: Callable[[Path], np.ndarray],
    corpus: Path, clips: Sequence[Clip], modes: Sequence[str], language: str, recognise: Recogniser, kept: str | None = None,
) -> tuple[dict, list[dict]]:
    """Mode -> disagreement in percent with interval, and what was heard of each recording in which the judge hears words.

    Args:
        z_of: path of a recording -> z, (frames, 64). labels, registers: see `spoken_again`.
        kept: folder that receives the sounds too.
    """
    references = judge(recognise, [read_clip(corpus, clip.path) for clip in clips], language)
    heard = [number for number, text in enumerate(references) if words_of(text)]
    rows, texts = {}, {}
    for mode in modes:
        sounds = [
            spoken_again(net, labels, z_of(corpus / clips[n].path), corpus / clips[n].path, n, mode, registers) for n in heard
        ]
        keep(sounds, [clips[n] for n in heard], mode, kept)
        texts[mode] = judge(recognise, sounds, language)
        rows[mode] = error_rate([references[n] for n in heard], texts[mode], [clips[n].speaker for n in heard])
    return rows, [{
        "path": clips[n].path, "voice": voice_of(n), "original": references[n], **{mode: texts[mode][at] for mode in rows},
    } for at, n in enumerate(heard)]


def keep(sounds: list[np.ndarray], clips: list[Clip], mode: str, folder: str | None) -> None:
    """Writes the sounds as FLAC for ears, when a folder is given."""
    if folder is None:
        return
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    for sound, clip in zip(sounds, clips, strict=True):
        level = LISTENING_RMS / max(float(np.sqrt(np.mean(sound**2))), 1e-6)
        soundfile.write(str(target / f"{Path(clip.path).stem}-{mode}.flac"), np.clip(sound * level, -1, 1), SAMPLE_RATE_HZ)
