"""Makes the three demo recordings of assets/demo out of real speech and real noise.

Speech: speakers of the corpus' test split (never trained on). Noise: full-band stereo recordings of the Blanket
project, https://github.com/rafaelmardojai/blanket, folder data/resources/sounds. People, places and device numbers in
the planted metadata are invented.

Example:
    python make_demo.py --corpus FOLDER --noises blanket/data/resources/sounds --out ../../../assets/demo
"""

from __future__ import annotations

import argparse
import math
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from scipy import signal as scipy_signal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.corpus import corpus_folder, read_manifest  # noqa: E402
from sotto_models.mixing import gain_for_snr, rms  # noqa: E402
from sotto_models.pcm_cache import read_clip  # noqa: E402

CORPUS_RATE_HZ = 16_000
LEAD_IN_SECONDS = 0.8
PAUSE_SECONDS = 0.6
LOUDEST_PEAK = 0.7


@dataclass(frozen=True)
class DemoRecording:
    """One demo: which test-split clips talk, in which noise, at which rate and ratio."""

    file: str
    clips: tuple[str, ...]
    noise: str
    rate_hz: int
    channels: int
    seconds: float
    snr_db: float
    level_dbfs: float


DEMO_RECORDINGS = (
    DemoRecording(
        "interview-in-the-street.wav", ("speech/librispeech/7517/7517-100429-0000.flac",), "city.ogg", 48_000, 2, 16.5,
        snr_db=6.0, level_dbfs=-23.0,
    ),
    DemoRecording(
        "memo-in-the-rain.flac", ("speech/librispeech/8609/8609-262281-0000.flac",), "rain.ogg", 44_100, 1, 17.0,
        snr_db=7.0, level_dbfs=-26.0,
    ),
    DemoRecording(
        "two-voices-in-a-cafe.mp3",
        ("speech/librispeech/8468/8468-286673-0000.flac", "speech/librispeech/8419/8419-286667-0000.flac"),
        "coffee-shop.ogg", 44_100, 2, 22.0, snr_db=8.0, level_dbfs=-25.0,
    ),
)


def resample(signal: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Polyphase resampling along the first axis."""
    if from_hz == to_hz:
        return signal
    common = math.gcd(from_hz, to_hz)
    return scipy_signal.resample_poly(signal, to_hz // common, from_hz // common, axis=0)


def conversation(corpus: Path, paths: Sequence[str], rate_hz: int, seconds: float) -> np.ndarray:
    """Test-split clips one after the other at a common level, silence around them; (samples,).

    Raises:
        ValueError: a clip is not of the test split.
    """
    splits = {clip.path: clip.split for clip in read_manifest(corpus)}
    talk = np.zeros(int(seconds * rate_hz), np.float64)
    position = int(LEAD_IN_SECONDS * rate_hz)
    share = int((len(talk) - position) / len(paths)) - int(PAUSE_SECONDS * rate_hz)
    for path in paths:
        if splits.get(path) != "test":
            raise ValueError(f"Expected a clip of the test split, found {path} in {splits.get(path)}.")
        clip = resample(read_clip(corpus, path).astype(np.float64), CORPUS_RATE_HZ, rate_hz)[:share]
        fade = int(0.05 * rate_hz)
        clip[-fade:] *= np.linspace(1, 0, fade)
        talk[position : position + len(clip)] += clip / rms(clip)
        position += len(clip) + int(PAUSE_SECONDS * rate_hz)
    return talk


def with_noise(talk: np.ndarray, noise_file: Path, rate_hz: int, channels: int, snr_db: float, level_dbfs: float):
    """The voice a little left of the middle in stereo noise, or everything in mono; (samples, channels)."""
    noise, noise_rate_hz = soundfile.read(str(noise_file), always_2d=True)
    noise = resample(noise, noise_rate_hz, rate_hz)
    noise = np.tile(noise, (-(-len(talk) // len(noise)), 1))[: len(talk)]
    if channels == 1:
        voice, noise = talk[:, None], noise.mean(axis=1, keepdims=True)
    else:
        late = int(0.0002 * rate_hz)
        voice = np.stack([talk, 0.8 * np.concatenate([np.zeros(late), talk[:-late]])], axis=1)
    mix = voice + gain_for_snr(voice, noise, snr_db) * noise
    mix *= 10 ** (level_dbfs / 20) / rms(mix)
    return mix * min(1.0, LOUDEST_PEAK / np.abs(mix).max())


def write_broadcast_wav(path: Path, samples: np.ndarray, rate_hz: int) -> None:
    """16-bit WAV with the chunks that recorders leave behind: bext, LIST INFO and iXML with a position."""
    soundfile.write(str(path), samples, rate_hz, subtype="PCM_16")
    content = path.read_bytes()
    text = lambda value, size: value.encode("ascii")[:size].ljust(size, b"\0")  # noqa: E731
    bext = (
        text("Interview at the tram stop, source wants to stay anonymous", 256)
        + text("Field recorder of Jordan Example", 32) + text("SN-0042-17-88310", 32)
        + text("2026-03-14", 10) + text("16:21:07", 8) + struct.pack("<QH", 2_827_296_000, 1) + bytes(64) + bytes(190)
        + text("A=PCM,F=48000,W=16,M=stereo,T=SOTTO-TEST-RECORDER\r\n", 64)
    )
    items = {"IART": "Jordan Example", "ICMT": "Call back +49 30 555 0199", "ICRD": "2026-03-14", "ISFT": "FieldPad 4.1"}
    info = b"INFO" + b"".join(
        name.encode() + struct.pack("<I", len(value) + 1) + value.encode() + b"\0" * (2 - len(value) % 2)
        for name, value in items.items()
    )
    ixml = (
        '<?xml version="1.0"?><BWFXML><PROJECT>Whistle</PROJECT><NOTE>Source: A. Nonym, works night shifts</NOTE>'
        "<LOCATION><LOCATION_GPS>52.5200, 13.4050</LOCATION_GPS></LOCATION></BWFXML>"
    ).encode()
    chunks = b"".join(_chunk(name, data) for name, data in ((b"bext", bext), (b"LIST", info), (b"iXML", ixml)))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content) - 8 + len(chunks)) + content[8:] + chunks)


def write_tagged(path: Path, samples: np.ndarray, rate_hz: int, container: str, subtype: str, tags: dict) -> None:
    """A FLAC or MP3 file with Vorbis comments or ID3 tags."""
    with soundfile.SoundFile(str(path), "w", rate_hz, samples.shape[1], subtype, format=container) as file:
        for name, value in tags.items():
            setattr(file, name, value)
        file.write(samples)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def main() -> None:
    """Parses the command line and writes the three recordings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--noises", required=True, help="folder with city.ogg, rain.ogg and coffee-shop.ogg")
    parser.add_argument("--out", default=str(Path(__file__).resolve().parents[3] / "assets" / "demo"))
    options = parser.parse_args()
    corpus, noises, out = corpus_folder(options.corpus), Path(options.noises), Path(options.out)
    out.mkdir(parents=True, exist_ok=True)

    street, rain, cafe = (
        (out / demo.file, noisy(corpus, noises, demo), demo.rate_hz) for demo in DEMO_RECORDINGS
    )
    write_broadcast_wav(*street)
    tags = {"title": "Voice memo 17", "artist": "Robin Sample", "comment": "Recorded at 12 Invented Lane", "date": "2026-02-03"}
    write_tagged(*rain, "FLAC", "PCM_16", tags)
    tags = {"title": "Meeting with the source", "artist": "Robin Sample", "comment": "Device 356938035643809"}
    write_tagged(*cafe, "MP3", "MPEG_LAYER_III", tags)


def noisy(corpus: Path, noises: Path, demo: DemoRecording) -> np.ndarray:
    """The recording as a microphone would have it, (samples, channels)."""
    talk = conversation(corpus, demo.clips, demo.rate_hz, demo.seconds)
    return with_noise(talk, noises / demo.noise, demo.rate_hz, demo.channels, demo.snr_db, demo.level_dbfs)


if __name__ == "__main__":
    main()
