"""Model cards: every figure is read from evaluation.json and training.json, none is typed."""

from __future__ import annotations

import json
from pathlib import Path

from .channel_saving import saving_table

COLUMNS = (
    ("pesq", "PESQ-WB", 2),
    ("stoi", "STOI", 3),
    ("siSdrDb", "SI-SDR dB", 1),
    ("siSdrImprovementDb", "improvement dB", 1),
    ("dnsmosOverall", "DNSMOS overall", 2),
)


def overall_table(evaluation: dict) -> str:
    """Markdown table of all systems: means with 95 % intervals, and real-time factors."""
    titles = " | ".join(title for _, title, _ in COLUMNS)
    lines = [f"| system | {titles} | thousand MACs per frame | real-time factor |", "|---" * (len(COLUMNS) + 3) + "|"]
    for system in evaluation["systems"]:
        cells = [_with_interval(system["overall"][name], digits) for name, _, digits in COLUMNS]
        factor, work = system["realTimeFactor"], system.get("work")
        cells.append("" if work is None else f"{work['macsPerFrame'] / 1000:.0f}")
        cells.append("" if factor is None else f"{factor:.4f}")
        lines.append(f"| {system['title']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratio_table(evaluation: dict, name: str, title: str, digits: int) -> str:
    """Markdown table of one measure: systems by signal-to-noise ratio."""
    ratios = [str(ratio) for ratio in evaluation["snrsDb"]]
    lines = [f"| {title} | " + " | ".join(f"{ratio} dB" for ratio in ratios) + " |", "|---" * (len(ratios) + 1) + "|"]
    for system in evaluation["systems"]:
        cells = [f"{round(system['bySnrDb'][ratio][name]['mean'], digits) + 0.0:.{digits}f}" for ratio in ratios]
        lines.append(f"| {system['title']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ablation_table(ablation: dict) -> str:
    """Markdown tables of runs that are not shipped: what they are and measure, and the first run's measures taken from theirs."""
    titles = " | ".join(title for _, title, _ in COLUMNS)
    lines = [f"| run | steps | {titles} | use of channels | thousand MACs per frame |", "|---" * (len(COLUMNS) + 4) + "|"]
    for run in ablation["runs"]:
        cells = [_with_interval(run["overall"][name], digits) for name, _, digits in COLUMNS]
        cells += [f"{run['work']['use']:.3f}", f"{run['work']['macsPerFrame'] / 1000:.0f}"]
        lines.append(f"| {run['id']} | {run['step']:,} | " + " | ".join(cells) + " |")
    lines += ["", f"| difference | {titles} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for row in ablation["differences"]:
        cells = [_with_interval(row[name], digits + 1, "+") for name, _, digits in COLUMNS]
        lines.append(f"| {row['id']} minus {row['against']} | " + " | ".join(cells) + " |")
    unlike = "; ".join(f"`{name}` {', '.join(map(str, values))}" for name, values in ablation["differing"].items())
    lines += ["", f"Settings that are not the same in these runs, in their order: {unlike or 'none'}."]
    return "\n".join(lines)


def read_parts(folder: Path) -> tuple[dict, dict, dict]:
    """model.json, evaluation.json and training.json of a model folder."""
    names = ("model.json", "evaluation.json", "training.json")
    return tuple(json.loads((folder / name).read_text(encoding="utf-8")) for name in names)


def expect_evaluation_of(manifest: dict, evaluation: dict) -> None:
    """Refuses measures of other weights than the manifest's.

    Raises:
        ValueError: they are.
    """
    for level in manifest["levels"]:
        if evaluation["weights"].get(level["id"], {}).get("sha256") != level["sha256"]:
            raise ValueError(f"Expected an evaluation of the exported {level['id']}, found another. Run evaluate.py again.")


def model_card(folder: Path) -> str:
    """The whole card of a model folder with model.json, evaluation.json and training.json.

    Raises:
        ValueError: the evaluation belongs to another weight.
    """
    manifest, evaluation, training = read_parts(folder)
    expect_evaluation_of(manifest, evaluation)
    by_ratio = "\n\n".join(ratio_table(evaluation, *column) for column in COLUMNS)
    rivals = ", ".join(f"{name} {version}" for name, version in evaluation["packages"].items())
    delays = ", ".join(f"{s['title']} {s['delaySamples']}" for s in evaluation["systems"] if s["id"] != "noisy")
    return f"""# {manifest["title"]}

Written by `python native-models/{manifest["id"]}/card.py` from evaluation.json and training.json; do not edit.

| | |
|---|---|
| licence of the weight | {manifest["licence"]} |
| task | suppress noise in speech at {manifest["sampleRateHz"] // 1000} kHz: magnitude spectrogram in, mask in [0, 1] out, noisy phase kept |
| delay | none beyond the STFT; causal, {manifest["contextFrames"]} past frames |
| analysis | {manifest["fftSize"]}/{manifest["hopSamples"]}, periodic sqrt-Hann, unnormalised; compression |X|^0.3 inside the graph |
| data | permissive rows of the training split only; licences and sources in ../DATA.md |

## Levels

{_levels(manifest, training["levels"])}

## Measures

Command: `{evaluation["command"]}` ({evaluation["finished"]}), split `{evaluation["split"]}`: {evaluation["mixtureCount"]} mixtures
of {evaluation["speakerCount"]} unseen speakers with {evaluation["noiseCount"]} unseen noise recordings at
{", ".join(map(str, evaluation["snrsDb"]))} dB, the same for every system. In brackets: {evaluation["interval"]}.
Real-time factor: processor seconds for a second of sound, {evaluation["machine"]}; STFT and, for RNNoise, resampling to
48 kHz and back included. Ours, NSNet2 and DeepFilterNet3 take a recording as a whole, as files are processed; RNNoise and GTCRN go frame by frame. What ours costs frame by frame is
in build/figures/bench.json. Delays taken away, in samples at 16 kHz: {delays}.

{overall_table(evaluation)}

{by_ratio}

Judges and rivals: {rivals}.

{_saving(evaluation)}{_ablation(folder)}## Limits

- Trained on {training["levels"][manifest["levels"][0]["id"]]["speechHours"]:.1f} hours of speech, read or prompted, mostly English and German: other languages, shouting,
  whispering, singing and children are little known to it.
- {_worsened(evaluation)}
- Worst where the voice itself sounds unusual, such as a thin recording with little below 800 Hz. Training equalises voices at
  random because an earlier weight failed on two *test* speakers of that kind (8609, 1455): for this choice the table is not blind.
- Competing speakers near the microphone are speech to it and stay; babble from afar is lowered, not removed.
- It keeps the noisy phase and knows 16 kHz only; the engine extends its mask above 8 kHz.
- Reverberation is lowered only slightly. Clipping, dropouts and codec artefacts are not repaired.
- It is not a privacy measure: voices stay recognisable, and faint speech may stay intelligible.
- DNSMOS and PESQ are models of listeners; no listening test was made.

## Golden recording

`golden/noisy.wav`: {json.loads((folder / manifest["golden"]["file"]).read_text(encoding="utf-8"))["attribution"]}
"""


def _levels(manifest: dict, training: dict) -> str:
    parts = []
    for level in manifest["levels"]:
        facts = training[level["id"]]
        use = f", target use {facts['targetUse']:g}" if facts.get("targetUse") is not None else ""
        source = facts.get("prunedFrom")
        pruned = f"{_pruned_from(source)} " if source else ""
        parts.append(f"""### {level["id"]}: {level["title"]}{use}

{level["file"]}, {level["sizeBytes"]:,} bytes, SHA-256 `{level["sha256"]}`; {facts["parameters"]:,} parameters, \
{facts["macsPerFrame"]:,} multiply-accumulates per frame of {manifest["hopSamples"]} samples with every channel on.
Trained by `{facts["command"]}` (`{facts["configuration"]}`, code of commit `{facts["commit"]}`): {facts["steps"]:,} steps \
of {facts["batchSize"]} x {facts["cropSeconds"]} s in {facts["minutes"]:.0f} minutes on two shared CPU cores, seed {facts["seed"]}. \
{pruned}{facts["schedule"]}. Chosen: {facts["chosen"]}.""")
    return "\n\n".join(parts)


def _pruned_from(source: dict) -> str:
    gates = ", without its gates" if source["droppedGates"] else ""
    return (
        f"Pruned from `{source['weights']}`: of its {source['hiddenChannels']} hidden channels in each block the most important "
        f"ones{gates}; then trained on."
    )


def _worsened(evaluation: dict) -> str:
    rows = {system["id"]: system["mixtures"] for system in evaluation["systems"]}
    worse = [
        mixture
        for mixture, ours, noisy in zip(evaluation["mixtures"], rows["sotto-fp32"], rows["noisy"], strict=True)
        if ours["stoi"] < noisy["stoi"] - 0.01
    ]
    speakers = len({mixture["speaker"] for mixture in worse})
    return (
        f"In {len(worse)} of the {evaluation['mixtureCount']} mixtures ({speakers} of {evaluation['speakerCount']} speakers) "
        "STOI is more than 0.01 lower than without it: there it takes speech away; a lower strength keeps more."
    )


def _saving(evaluation: dict) -> str:
    table = saving_table(evaluation)
    return f"""## What leaving channels out saves and costs

Multiply-accumulates per frame on average over the mixtures; change of the mean PESQ, mixture against mixture. In brackets:
{evaluation["interval"]}. The nets have not been trained equally long: above stands
what each began from and how many steps it took. The paper's figures are for other data (VoiceBank+DEMAND) and its own nets and training.

{table}

""" if table else ""


def _ablation(folder: Path) -> str:
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("ablation*.json"))]
    return "".join(_ablation_of(ablation) for ablation in found)


def _ablation_of(ablation: dict) -> str:
    weights = "; ".join(
        f"`{run['file']}`, {f'from `{start}`' if (start := run['startedFrom']) else 'from its own first values'}, "
        f"seed {run['training']['seed']}, SHA-256 `{run['sha256']}`"
        for run in ablation["runs"]
    )
    return f"""## Ablation: {ablation["question"]}

Command: `{ablation["command"]}` ({ablation["finished"]}), split `{ablation["split"]}`:
{ablation["mixtureCount"]} mixtures of {ablation["speakerCount"]} speakers. Differences are taken mixture by mixture. In brackets:
{ablation["interval"]}. Checkpoints: {weights}.

{ablation_table(ablation)}

"""


def _with_interval(value: dict, digits: int, sign: str = "") -> str:
    mean, low, high = (f"{value[name]:{sign}.{digits}f}" for name in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"
