"""One system judged on the mixtures of an evaluation: what evaluate.py and ablation.py share."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence

import numpy as np
import torch

from . import metrics
from .evaluation_list import EVALUATION_SNRS_DB, EvaluationMixture
from .rival_systems import Batch, run_aligned
from .statistics import bootstrap_mean

SEED = 2026
"""Of the list of mixtures."""
MEASURES = ("pesq", "stoi", "siSdrDb", "siSdrImprovementDb", "dnsmosOverall")
INTERVAL = "95 %, percentile bootstrap over speakers"

Measure = Callable[[tuple[np.ndarray, np.ndarray, np.ndarray]], dict[str, float]]
"""(estimate, clean, noisy), each (samples,) at 16 kHz -> every measure of MEASURES."""


def measure(arguments: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, float]:
    """All measures of one (estimate, clean, noisy), each (samples,)."""
    torch.set_num_threads(1)
    estimate, clean, noisy = arguments
    si_sdr = [metrics.si_sdr(torch.from_numpy(x)[None], torch.from_numpy(clean)[None]).item() for x in (estimate, noisy)]
    return {
        "pesq": metrics.pesq_wideband(estimate, clean),
        "stoi": metrics.stoi(estimate, clean),
        "siSdrDb": si_sdr[0],
        "siSdrImprovementDb": si_sdr[0] - si_sdr[1],
        "dnsmosOverall": metrics.dnsmos_overall(estimate),
    }


def judged(system: Batch, mixtures: list[EvaluationMixture], each: Callable = map, measure: Measure = measure) -> dict:
    """What an evaluation says about one system.

    Args:
        each: `map`, or that of a pool of processes.
    Returns:
        delaySamples, overall and bySnrDb (measure -> mean with interval), mixtures (measures of each, in their order).
    """
    outputs, delay, _ = run_aligned(system, [m.noisy for m in mixtures])
    rows = list(each(measure, [(out, m.clean, m.noisy) for out, m in zip(outputs, mixtures, strict=True)]))
    speakers = [m.speaker for m in mixtures]
    at = {snr: [i for i, m in enumerate(mixtures) if m.snr_db == snr] for snr in EVALUATION_SNRS_DB}
    return {
        "delaySamples": delay,
        "overall": _summary(rows, speakers),
        "bySnrDb": {str(s): _summary([rows[i] for i in at[s]], [speakers[i] for i in at[s]]) for s in at},
        "mixtures": [{k: round(v, 4) for k, v in row.items()} for row in rows],
    }


def mixture_rows(mixtures: list[EvaluationMixture]) -> list[dict]:
    """What an evaluation says about its mixtures."""
    return [
        {"name": m.name, "speaker": m.speaker, "noise": m.noise, "snrDb": m.snr_db, "levelDbfs": round(m.level_dbfs, 2)}
        for m in mixtures
    ]


def mixture_counts(mixtures: list[EvaluationMixture]) -> dict:
    """Where an evaluation's mixtures come from, in numbers."""
    return {
        "seed": SEED, "snrsDb": list(EVALUATION_SNRS_DB), "mixtureCount": len(mixtures),
        "speakerCount": len({m.speaker for m in mixtures}), "noiseCount": len({m.noise for m in mixtures}), "interval": INTERVAL,
    }


def package_versions(names: Sequence[str]) -> dict[str, str]:
    """Package -> installed version, or that there is none."""
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def _summary(rows: list[dict], speakers: list[str]) -> dict:
    return {name: bootstrap_mean([row[name] for row in rows], speakers) for name in MEASURES}
