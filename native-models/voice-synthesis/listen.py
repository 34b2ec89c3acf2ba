"""How many words the synthesis loses: real speech of the valid split through z and back, judged by Whisper base.

Each recording is spoken again in a fresh mixture of voices, its F0 moved to that voice, in every mode. The reference is
what Whisper base itself writes of the original, so the figures are disagreements: transcripts of these recordings do not
exist. `--codes` takes z from a trained encoder's folder; without it z is the teacher's (units, two codebooks, soft).

Example:
    python listen.py --run synthesis-1 --voices ~/.cache/sotto/voices/corpus --recordings 20 --out words-synthesis-1.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import Clip, corpus_folder, read_manifest, training_clips  # noqa: E402
from sotto_models.judging.recognisers import Recogniser, whisper_base  # noqa: E402
from sotto_models.judging.words import error_rate, words_of  # noqa: E402
from sotto_models.onnx_export import sha256_of, write_json  # noqa: E402
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, read_clip, runs_folder  # noqa: E402
from sotto_models.voice.labels import VoiceLabels  # noqa: E402
from sotto_models.voice.pairs import target_mixture  # noqa: E402
from sotto_models.voice.synthesis_data import (  # noqa: E402
    codebook_checksum,
    expect_same_codebooks,
    mode_of_z,
    read_recipes,
    read_sentences,
)
from sotto_models.voice.synthesis_loss import LISTENING_RMS  # noqa: E402
from sotto_models.voice.synthesis_net import MODES, VOICE_NAMES, SynthesisNet, load_synthesis  # noqa: E402
from sotto_models.voice.synthesis_render import moved_to, registers_hz, render  # noqa: E402

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


def spoken_again(net: SynthesisNet, labels: VoiceLabels, codes: VoiceLabels, clip_path: Path, number: int, mode: str,
                 registers: np.ndarray) -> np.ndarray:
    """A recording in its voice and a mode, (samples,), 16 kHz, of the original's length."""
    source = labels.clip(clip_path)
    mixture = voice_of(number)
    register = 2 ** sum(w * np.log2(registers[VOICE_NAMES.index(name)]) for name, w in mixture.items())
    z = mode_of_z(codes.z(codes.clip(clip_path)), mode, labels.codebooks)
    sound = render(net, z, moved_to(labels.f0_hz(source), register), mixture, mode, seed=number)
    return resample_poly(sound, 2, 3)[: source.samples].astype(np.float32)


def judge(recognise: Recogniser, sounds: list[np.ndarray], language: str) -> list[str]:
    """What the judge writes of each, all at the same level."""
    levelled = [sound * np.float32(LISTENING_RMS / max(float(np.sqrt(np.mean(sound**2))), 1e-6)) for sound in sounds]
    return [recognise(np.clip(sound, -1, 1), language) for sound in levelled]


def main() -> None:
    """Parses the command line, renders, judges, writes the figures and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: SOTTO_CORPUS")
    parser.add_argument("--run", required=True, help="name of the run folder")
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--weights", default="best.pt", help="file in the run folder")
    parser.add_argument("--labels", help="default: cache/voice-labels in the folder of runs")
    parser.add_argument("--codes", help="a folder of labels whose z is used instead of the teacher's")
    parser.add_argument("--voices", required=True, help="folder made by make_voices.py: how high each voice speaks")
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--out", required=True, help="JSON file that receives the figures")
    parser.add_argument("--keep", help="folder that receives the sounds too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    runs, voices = Path(options.runs).expanduser(), Path(options.voices).expanduser().resolve()
    labels = VoiceLabels(Path(options.labels).expanduser() if options.labels else runs / "cache" / "voice-labels")
    codes = VoiceLabels(Path(options.codes).expanduser()) if options.codes else labels
    expect_same_codebooks(codes, labels)
    weights = runs / options.run / options.weights
    net, corpus = load_synthesis(weights, codebook_checksum(labels.codebooks)), corpus_folder(options.corpus)
    registers = registers_hz(read_sentences(labels, voices, None, "train", 1), labels, read_recipes(voices))
    clips = chosen_clips(corpus, options.language, options.recordings)
    recognise = whisper_base()
    references = judge(recognise, [read_clip(corpus, clip.path) for clip in clips], options.language)
    heard = [number for number, text in enumerate(references) if words_of(text)]
    rows, texts = {}, {"original": references}
    for mode in options.modes.split(","):
        sounds = [spoken_again(net, labels, codes, corpus / clips[n].path, n, mode, registers) for n in heard]
        keep(sounds, [clips[n] for n in heard], mode, options.keep)
        texts[mode] = judge(recognise, sounds, options.language)
        rows[mode] = error_rate([references[n] for n in heard], texts[mode], [clips[n].speaker for n in heard])
        print(mode, json.dumps(rows[mode]), flush=True)
    state = torch.load(weights, weights_only=True)
    write_json(Path(options.out), {
        "schema": "sotto.words-lost/1", "finished": time.strftime("%Y-%m-%d"),
        "command": f"python native-models/voice-synthesis/listen.py --run {options.run} --voices FOLDER --recordings "
                   f"{options.recordings} --language {options.language}" + (" --codes FOLDER" if options.codes else ""),
        "judge": "Whisper base, int8, greedy; disagreement in percent with its own words of the original, 95 % over speakers",
        "z": "encoder" if options.codes else "teacher", "run": options.run, "steps": state["step"],
        "weights": sha256_of(weights), "modes": rows,
        "recordings": [{"path": clips[n].path, "voice": voice_of(n), "original": references[n],
                        **{mode: texts[mode][at] for mode in rows}} for at, n in enumerate(heard)],
    })


def keep(sounds: list[np.ndarray], clips: list[Clip], mode: str, folder: str | None) -> None:
    """Writes the sounds as FLAC for ears, when a folder is given."""
    if folder is None:
        return
    target = Path(folder).expanduser()
    target.mkdir(parents=True, exist_ok=True)
    for sound, clip in zip(sounds, clips, strict=True):
        level = LISTENING_RMS / max(float(np.sqrt(np.mean(sound**2))), 1e-6)
        soundfile.write(str(target / f"{Path(clip.path).stem}-{mode}.flac"), np.clip(sound * level, -1, 1), SAMPLE_RATE_HZ)


if __name__ == "__main__":
    main()
