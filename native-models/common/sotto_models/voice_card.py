"""Cards of the voice models: every figure is read from model.json, evaluation.json and training.json, none is typed."""

from __future__ import annotations

from pathlib import Path

from .model_card import expect_evaluation_of, read_parts

CODES_MEASURES = {"explained": "explained variance", "cosine": "cosine", "units_right": "same code"}
MODE_TITLES = {"strict": "strict: a code's centre", "balanced": "balanced: two codebooks", "clear": "clear: no code"}
LANGUAGE_TITLES = {"en": "English", "de": "German"}


def codes_card(folder: Path) -> str:
    """The whole card of the encoder's folder.

    Raises:
        ValueError: the evaluation belongs to another weight.
    """
    manifest, evaluation, training = read_parts(folder)
    expect_evaluation_of(manifest, evaluation)
    books, front = manifest["codebooks"], manifest["frontEnd"]
    files = "; ".join(f"`{books[name]['file']}`, SHA-256 `{books[name]['sha256']}`" for name in ("first", "residual"))
    return f"""{_head(manifest)}
| task | what is said: log mel in, {books["size"]} values {manifest["codesPerSecond"]} times a second out, or the nearest of {books["codes"]} codes |
| front end | {front["bands"]} mel bands, {front["framesPerSecond"]} frames a second, less the running mean weighted by loudness |
| context | {manifest["contextFrames"]} mel frames on either side of a chunk |
| codebooks | {files} |
| data | Whisper tiny.en's (MIT) labels of permissive rows of the training split and of synthetic voices; sources in ../DATA.md |

## Levels

{_levels(manifest, training["levels"], _codes_facts)}

## Measures

Command: `{evaluation["command"]}` ({evaluation["finished"]}), split `{evaluation["split"]}`: {evaluation["clips"]} recordings of
{evaluation["speakers"]} speakers that shaped nothing, through the exported graph behind the product's front end. Agreement with the
teacher's z of the clean sound: explained variance, cosine without the mean z, share of frames with the same code; phoneme
information is that of the codes on synthetic voices, whose phonemes are known, in brackets that of the teacher's codes.

{codes_table(evaluation)}

## Limits

- It says what its teacher says: what Whisper tiny.en, which learnt English only, cannot tell apart is not in z.
- Noise in front of it costs words (table): clean first, then encode.
- Codes are not meant to hold who speaks; how much of it they still hold is measured in ../privacy-evaluation, not here.
- The words, the pace and the pauses are in the codes.

## Golden files

`{manifest["golden"]["file"]}`: z and codes of a golden recording of the front end, to {manifest["golden"]["maxAbsoluteError"]:g}.
"""


def codes_table(evaluation: dict) -> str:
    """Markdown table of the levels of the encoder by noise."""
    titles = [f"{title}, {kind}" for title in CODES_MEASURES.values() for kind in ("real", "synthetic")]
    heads = ["level", "coloured noise", *titles, "phoneme information"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, level in evaluation["levels"].items():
        for row in level["rows"]:
            noise = "none" if row["snrDb"] is None else f"{row['snrDb']:g} dB"
            cells = [_number(row.get(f"{measure}_{kind}")) for measure in CODES_MEASURES for kind in ("real", "synthetic")]
            known = _number(row.get("phone_information"))
            known += f" ({_number(row['phone_information_teacher'])})" if known else ""
            lines.append("| " + " | ".join([name, noise, *cells, known]) + " |")
    return "\n".join(lines)


def synthesis_card(folder: Path) -> str:
    """The whole card of the synthesis' folder.

    Raises:
        ValueError: the evaluation belongs to another weight.
    """
    manifest, evaluation, training = read_parts(folder)
    expect_evaluation_of(manifest, evaluation)
    licences = "\n".join(
        f"- {name}: {text}" for name, text in training["levels"][manifest["levels"][0]["id"]]["licences"].items()
    )
    told = evaluation["z"]
    source = "the teacher's z"
    if told["from"] == "encoder":
        source = f"z of the exported encoder, level {told['level']}, SHA-256 `{told['sha256']}`"
    every = f"{1000 // manifest['framesPerSecond']} ms"
    filters = f"{manifest['filterBins']} bins of {manifest['filterBinHz']} Hz each"
    return f"""{_head(manifest)}
| task | codes, a chosen F0 and a voice in; every {every} a filter for pulses and one for noise out: {filters} |
| context | {manifest["contextFrames"]} codes of {1000 // manifest["codesPerSecond"]} ms on either side of a chunk |
| voices | `{manifest["voices"]["file"]}`, SHA-256 `{manifest["voices"]["sha256"]}` |
| speaks the codebook | SHA-256 `{manifest["codebookSha256"]}` |

## Data

{licences}

Sources in ../DATA.md.

## Levels

{_levels(manifest, training["levels"], _synthesis_facts)}

## Measures

Command: `{evaluation["command"]}` ({evaluation["finished"]}), split `{evaluation["split"]}`, {source}. Each recording
is spoken again in a mixture of voices of its own, its F0 moved to that voice. Judge: {evaluation["judge"]}.
In brackets: {evaluation["interval"]}.

{words_table(evaluation)}

## Limits

- The voices are synthetic ones and their mixtures; nobody's real voice can be asked for.
- Words get lost (table).
- It speaks below {manifest["filterBins"] * manifest["filterBinHz"] / 1000:g} kHz; laughing, shouting, whispering and singing are little known to it.
- The melody is the source's, moved, unless the product chooses another; pace and pauses are the source's.
- How well it hides who speaks is measured in ../privacy-evaluation, not here. A recogniser judges words; no listening test was made.

## Golden files

`{manifest["golden"]["file"]}` for the net, to {manifest["golden"]["maxAbsoluteError"]:g}; `{manifest["signalPath"]}` for the signal path.
"""


def words_table(evaluation: dict) -> str:
    """Markdown table of words that get lost, by language and mode."""
    lines = ["| language | mode | words that differ, % | recordings | speakers | words |", "|---" * 6 + "|"]
    for language, found in evaluation["languages"].items():
        for mode, row in found["modes"].items():
            rate = f"{row['value']:.1f} [{row['low']:.1f}, {row['high']:.1f}]"
            counts = f"{row['recordings']} | {row['speakers']} | {row['words']}"
            lines.append(f"| {LANGUAGE_TITLES[language]} | {MODE_TITLES[mode]} | {rate} | {counts} |")
    return "\n".join(lines)


def embedder_card(folder: Path) -> str:
    """The whole card of the speaker embedder's folder.

    Raises:
        ValueError: the evaluation belongs to another weight.
    """
    manifest, evaluation, training = read_parts(folder)
    expect_evaluation_of(manifest, evaluation)
    front, window, told = manifest["frontEnd"], manifest["windows"], manifest["calibration"]
    seconds = {name: window[name] / front["framesPerSecond"] for name in ("frames", "leastFrames")}
    return f"""{_head(manifest)}
| task | whose voice it is: log mel in, a vector of {manifest["outputs"][0]["shape"][1]} values out; one person's lie at a small angle |
| front end | {front["bands"]} mel bands up to {front["highestHz"]:g} Hz, {front["framesPerSecond"]} frames a second; the graph takes the \
mean of each band away |
| windows | {seconds["frames"]:g} s of speech, at least {seconds["leastFrames"]:g} s, one in each of {window["leastSlots"]} to {window["mostSlots"]} parts of a recording |
| data | permissive rows of the training split whose speakers are named; sources in ../DATA.md |

## Levels

{_levels(manifest, training["levels"], _embedder_facts)}

## Measures

Command: `{evaluation["command"]}` ({evaluation["finished"]}), split `{evaluation["split"]}`: speakers that shaped neither weight nor
calibration, every recording against every other of its kind by cosine, as the product compares raw and result. Recordings of one
speaker are set against each other; a speaker of a single recording has it halved. In brackets: {evaluation["interval"]}.

{embedder_table(evaluation)}

## Calibration

Split `{told["split"]}`: {told["recordings"]} recordings of {told["speakers"]} speakers, {told["medianSpeechSeconds"]:.1f} s of speech in the median. \
Misses and false alarms are equally frequent at a cosine of {told["equalErrorCosine"]:.3f}.

| pairs | count | 5 % lie below | 5 % lie above |
|---|---|---|---|
| one person | {told["same"]["pairs"]:,} | {told["same"]["low"]:.3f} | {told["same"]["high"]:.3f} |
| two people | {told["different"]["pairs"]:,} | {told["different"]["low"]:.3f} | {told["different"]["high"]:.3f} |

## Limits

- It is one listener, and a small one: whoever knows the tool, or learns from its results, hears more (../privacy-evaluation).
- Raw and result share words, pace and pauses, which two recordings of the corpus do not: its cosine is rather too high for them.
- It hears whatever is loud as speech: loud noise, music or a second person move its vector.
- Pieces of one original recording count as several recordings where the corpus does not say that they belong together.

## Golden files

`{manifest["golden"]["file"]}`: the embedding of a golden recording, to {manifest["golden"]["maxAbsoluteError"]:g}; \
`golden/speech-windows.json`: the windows of speech in it.
"""


def embedder_table(evaluation: dict) -> str:
    """Markdown table of how well speakers are told apart, by level and kind of speech."""
    heads = ("level", "speech", "equal error rate, %", "mean cosine, one person", "mean cosine, two people", "recordings", "speakers",
             "seconds of speech, median")
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, level in evaluation["levels"].items():
        for row in level["rows"]:
            rate = row["equalErrorRate"]
            cells = [f"{rate['value']:.1f} [{rate['low']:.1f}, {rate['high']:.1f}]"]
            cells += [f"{one['mean']:.3f} [{one['low']:.3f}, {one['high']:.3f}]" for one in (row["sameCosine"], row["differentCosine"])]
            cells += [f"{row['recordings']}", f"{row['speakers']}", f"{row['medianSpeechSeconds']:.1f}"]
            lines.append("| " + " | ".join([name, row["kind"], *cells]) + " |")
    return "\n".join(lines)


def _head(manifest: dict) -> str:
    return f"""# {manifest["title"]}

Written by `python native-models/{manifest["id"]}/card.py` from evaluation.json and training.json; do not edit.

| | |
|---|---|
| licence of the weight | {manifest["licence"]} |"""


def _levels(manifest: dict, training: dict, facts_of) -> str:
    parts = []
    for level in manifest["levels"]:
        facts = training[level["id"]]
        resumed = f", resumed {facts['resumed']} times" if facts["resumed"] else ""
        judged = facts["chosen"] == "best.pt" and facts["curve"]
        chosen = ", chosen by its measures on the valid split" if judged else ""
        parts.append(f"""### {level["id"]}: {level["title"]}

{level["file"]}, {level["sizeBytes"]:,} bytes, SHA-256 `{level["sha256"]}`; {level["macsPerSecond"]:,} multiply-accumulates for a second.
Trained by `{facts["command"]}` (code of commit `{facts["commit"]}`): {facts["steps"]:,} steps in {facts["minutes"]:.0f} minutes{resumed}, \
seed {facts["seed"]}. {facts_of(facts)} Weights: {facts["chosen"]}{chosen}.

{curve_table(facts["curve"])}""")
    return "\n\n".join(parts)


def _codes_facts(facts: dict) -> str:
    hours = sum(facts["hours"].values())
    sources = ", ".join(f"{name} {value:.2f}" for name, value in facts["hours"].items())
    return (
        f"{facts['parameters']:,} parameters. {hours:.1f} hours of {facts['speakers']} speakers ({sources}), disturbed by "
        f"{facts['noises']} noise recordings."
    )


def _embedder_facts(facts: dict) -> str:
    return (
        f"{facts['parameters']:,} parameters. {facts['hours']:.1f} hours of {facts['speakers']} speakers, disturbed by "
        f"{facts['noises']} noise recordings."
    )


def _synthesis_facts(facts: dict) -> str:
    people = facts.get("recordings") or {"sentences": 0}
    recordings = f", and {people['sentences']} recordings of people, {people['hours']:.1f} hours" if people["sentences"] else ""
    return f"{facts['sentences']} synthetic sentences, {facts['hours']:.1f} hours, {facts['pairs']} of them in two voices{recordings}."


def curve_table(curve: list[dict]) -> str:
    """Markdown table of a run's measures on the valid split, step by step; a line of words where it was never judged."""
    if not curve:
        return "It was never judged while it learnt: there were no valid clips."
    names = [name for name in dict.fromkeys(name for line in curve for name in line) if not name.startswith("frames_")]
    lines = ["| " + " | ".join(name.replace("_", " ") for name in names) + " |", "|---" * len(names) + "|"]
    for line in curve:
        lines.append("| " + " | ".join(f"{line[n]:,}" if n == "step" else _number(line.get(n)) for n in names) + " |")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
