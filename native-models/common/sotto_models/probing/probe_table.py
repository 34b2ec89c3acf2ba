"""`probes.json`: the fitted weights as the engine reads them, written, checked and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..onnx_export import sha256_of, write_json
from .frame_features import window_means
from .frame_labels import SNR_RANGE_DB
from .linear_fits import LinearFit
from .pitch_trackers import F0_RANGE_HZ
from .probe_fit import FittedProbe
from .recordings import NOISE_LABELS

SCHEMA = "sotto.probes/1"
SILENCE_DBFS = -72.0
"""Below the quietest room tone that the probes were fitted on (-68 dBFS rms, whose frames scatter by a few dB)."""

LEAST_SCORES = {"f0": 0.5, "noise": 0.5}
"""Score on the valid split (R2 of log2 F0; balanced accuracy over the kinds) from which a lane is shown at all."""

LINEAR_NAMES = ("speech", "voiced", "f0", "snr", "domain")
SIGNIFICANT_DIGITS = 6


class ProbeTableError(ValueError):
    """A probe table is not what the engine reads."""


def probe_table(
    probes: Mapping[str, FittedProbe], level: str, weights_sha256: str, minimum_probability: float
) -> dict:
    """The JSON value of some fitted probes.

    Args:
        probes: name -> the probe to ship.
        level: level of the weights they were fitted on. weights_sha256: of that file.
        minimum_probability: below it the kind of noise is unknown, 0..1.
    """
    linear = {name: _linear(probes[name]) for name in LINEAR_NAMES}
    trusted = {name: probes[name].score >= least for name, least in LEAST_SCORES.items()}
    linear["f0"] |= {"trusted": trusted["f0"], "minimumHz": F0_RANGE_HZ[0], "maximumHz": F0_RANGE_HZ[1]}
    linear["snr"] |= {"minimumDb": SNR_RANGE_DB[0], "maximumDb": SNR_RANGE_DB[1]}
    noise = probes["noise"]
    table = {
        "schema": SCHEMA, "level": level, "sha256": weights_sha256,
        "speech": linear["speech"], "voiced": linear["voiced"], "f0": linear["f0"], "snr": linear["snr"],
        "noise": {
            "trusted": trusted["noise"], "labels": list(NOISE_LABELS), "bits": noise.columns.tolist(),
            "weights": [_rounded(row) for row in noise.fit.weights.T], "bias": _rounded(noise.fit.bias),
            "averageFrames": noise.window[0], "delayFrames": noise.window[1],
            "minimumProbability": minimum_probability,
        },
        "domain": linear["domain"], "silenceDbfs": SILENCE_DBFS,
    }
    check_probe_table(table)
    return table


def check_probe_table(table: dict) -> None:
    """Refuses what the engine would.

    Raises:
        ProbeTableError: with the name of the faulty part.
    """
    _expect(table.get("schema") == SCHEMA, f"schema {SCHEMA}", table.get("schema"))
    for name in ("level", "sha256"):
        _expect(isinstance(table.get(name), str), f"text in {name}", table.get(name))
    for name in LINEAR_NAMES:
        part = table.get(name)
        _expect(isinstance(part, dict), f"a probe in {name}", part)
        _check_window(name, part)
        _check_numbers(f"{name}.weights", part["weights"], len(part["bits"]))
        _check_numbers(f"{name}.bias", [part["bias"]], 1)
    _check_numbers("f0 range", [table["f0"]["minimumHz"], table["f0"]["maximumHz"]], 2)
    _expect(0 < table["f0"]["minimumHz"] < table["f0"]["maximumHz"], "0 < minimumHz < maximumHz", table["f0"]["minimumHz"])
    for name in LEAST_SCORES:
        _expect(isinstance(table[name].get("trusted"), bool), f"trusted in {name}", table[name].get("trusted"))
    _check_numbers("snr range", [table["snr"]["minimumDb"], table["snr"]["maximumDb"]], 2)
    noise = table["noise"]
    _check_window("noise", noise)
    labels = noise["labels"]
    _expect(len(labels) >= 2 and all(isinstance(v, str) for v in labels), "two labels or more in noise", labels)
    _expect(len(noise["weights"]) == len(labels), f"{len(labels)} rows in noise.weights", len(noise["weights"]))
    for row in noise["weights"]:
        _check_numbers("noise.weights", row, len(noise["bits"]))
    _check_numbers("noise.bias", noise["bias"], len(labels))
    _expect(0 <= noise["minimumProbability"] <= 1, "minimumProbability in 0..1", noise["minimumProbability"])
    _check_numbers("silenceDbfs", [table["silenceDbfs"]], 1)


class ProbeReader:
    """Answers out of a table, computed as the engine does.

    Args:
        table: contents of probes.json.
    """

    def __init__(self, table: dict):
        check_probe_table(table)
        self._table = table

    def outputs(self, name: str, bits: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Sums of one probe for some frames.

        Args:
            name: speech, voiced, f0, snr, noise or domain.
            bits: (frames, all bits) of a recording.
            rows: (wanted,), frame numbers.
        Returns:
            (wanted, 1), or (wanted, labels) for noise.
        """
        part = self._table[name]
        means = window_means(bits[:, part["bits"]], rows, part["averageFrames"], part["delayFrames"])
        weights = np.array(part["weights"], np.float64)
        return means @ (weights.T if name == "noise" else weights[:, None]) + np.array(part["bias"])

    def clamped(self, name: str, bits: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """F0 in Hz or ratio in dB within the range that the table states, (wanted,)."""
        value, part = self.outputs(name, bits, rows)[:, 0], self._table[name]
        if name == "f0":
            return np.clip(2.0**value, part["minimumHz"], part["maximumHz"])
        return np.clip(value, part["minimumDb"], part["maximumDb"])


def write_probes(table: dict, manifest_file: Path, weights: Path) -> Path:
    """Writes probes.json beside a model and names it in model.json.

    Args:
        manifest_file: the model.json; its level of that name must hold the weights that the probes were fitted on.
        weights: the file that the probes were fitted on.
    Raises:
        ProbeTableError: the manifest has no such level, or the level's file is another.
    """
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    found = {level["id"]: manifest_file.parent / level["file"] for level in manifest["levels"]}
    _expect(table["level"] in found, f"level {table['level']} in {manifest_file}", sorted(found))
    there = sha256_of(found[table["level"]])
    _expect(there == table["sha256"], f"{weights} as level {table['level']}", f"a file with SHA-256 {there}")
    file = manifest_file.parent / "probes.json"
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    partial.replace(file)
    manifest["probes"] = {
        "file": file.name, "sha256": sha256_of(file), "sizeBytes": file.stat().st_size, "level": table["level"],
    }
    write_json(manifest_file, manifest)
    return file


def _linear(probe: FittedProbe) -> dict:
    fit: LinearFit = probe.fit
    return {
        "bits": probe.columns.tolist(), "weights": _rounded(fit.weights[:, 0]), "bias": _rounded(fit.bias)[0],
        "averageFrames": probe.window[0], "delayFrames": probe.window[1],
    }


def _rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in values]


def _check_window(name: str, part: dict) -> None:
    bits = part["bits"]
    whole = all(isinstance(b, int) and b >= 0 for b in (*bits, part["averageFrames"], part["delayFrames"]))
    _expect(whole, f"whole numbers of 0 or more in {name}", bits[:4])
    _expect(part["averageFrames"] > 0, f"averageFrames above 0 in {name}", part["averageFrames"])


def _check_numbers(name: str, values: list, count: int) -> None:
    _expect(len(values) == count, f"{count} numbers in {name}", len(values))
    _expect(all(isinstance(v, int | float) and np.isfinite(v) for v in values), f"finite numbers in {name}", values[:4])


def _expect(holds: bool, expected: str, found: object) -> None:
    if not holds:
        raise ProbeTableError(f"Expected {expected}, found {found}. Run probes.py on the weights that ship.")
