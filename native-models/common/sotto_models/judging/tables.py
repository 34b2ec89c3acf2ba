"""The privacy evaluation as Markdown: ours with intervals, and published figures marked as such."""

from __future__ import annotations

KNOWLEDGE_TITLES = {"ignorant": "ignorant", "lazyInformed": "lazy-informed", "informed": "informed"}
FAMILY_TITLES = {"wespeaker": "WeSpeaker", "eres2net": "ERes2Net", "statistics": "statistics"}
START, END = "<!-- tables: python table.py --readme -->", "<!-- end of tables -->"


def strongest(system: dict, knowledge: str) -> tuple[str, dict]:
    """The family whose attacker of this knowledge errs least, and its rates."""
    return min(
        ((family, attackers[knowledge]) for family, attackers in system["speakers"].items()),
        key=lambda entry: entry[1]["pooled"]["value"],
    )


def _rate(rate: dict | None) -> str:
    return "-" if rate is None else f"{rate['value']:.1f} [{rate['low']:.1f}, {rate['high']:.1f}]"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def words_table(systems: list[dict]) -> str:
    """Words lost, in percent."""
    rows = []
    for system in systems:
        whisper, vosk = system["words"]["whisper-base"], system["words"]["vosk-en"]
        rows.append([
            system["title"], _rate(whisper["disagreement"]["read"]), _rate(vosk["disagreement"]["read"]),
            _rate(whisper["transcripts"]["acted-en"]), _rate(vosk["transcripts"]["acted-en"]),
            _rate(whisper["transcripts"]["acted-de"]),
        ])
    head = ["System", "Whisper, read English", "Vosk, read English", "Whisper, acted English", "Vosk, acted English",
            "Whisper, acted German"]
    return _table(head, rows)


def speakers_table(systems: list[dict]) -> str:
    """Speaker equal error rates in percent: the strongest family for each knowledge, then informed ones one by one."""
    rows = []
    for system in systems:
        best, informed = strongest(system, "informed")
        rows.append([
            system["title"], *(_rate(strongest(system, knowledge)[1]["pooled"]) for knowledge in KNOWLEDGE_TITLES),
            f"{informed['women']['value']:.1f} / {informed['men']['value']:.1f}",
            " / ".join(f"{system['speakers'][family]['informed']['pooled']['value']:.1f}" for family in FAMILY_TITLES),
            f"{informed['identified']['read']['value']:.0f} (chance {informed['identified']['read']['chance']:.0f})",
            f"{system['headline']['wordsLostPoints']:.1f} / {system['headline']['informedEer']:.1f}",
            system["headline"]["step"] or "none",
        ])
    head = ["System", *(f"{title} EER" for title in KNOWLEDGE_TITLES.values()), "informed, women / men",
            f"informed: {' / '.join(FAMILY_TITLES.values())}", "informed: reader named, %",
            "held against it: words lost / EER", "step reached"]
    return _table(head, rows)


def attributes_table(systems: list[dict]) -> str:
    """Gender and emotion told right, balanced over classes, in percent: the stronger family."""
    rows = []
    for system in systems:
        cells = [system["title"]]
        for attribute in ("gender", "emotion"):
            for knowledge in ("ignorant", "informed"):
                cells.append(_rate(max((f[knowledge] for f in system[attribute].values()), key=lambda r: r["value"])))
        rows.append(cells)
    chance = {name: next(iter(systems[0][name].values()))["informed"]["chance"] for name in ("gender", "emotion")}
    head = ["System", *(f"{name}, {knowledge} (chance {chance[name]:.0f})" for name in chance
                        for knowledge in ("ignorant", "informed"))]
    return _table(head, rows)


def published_tables(published: dict) -> str:
    """Figures of others, with their sources."""
    voice, second, third = (published[name] for name in ("voicePrivacy2024", "edgyTable2", "edgyTable3"))
    parts = [
        published["note"], f"Published: {voice['source']}.",
        _table(["System", "informed EER, women / men", "Words lost", "Emotion UAR"], [
            [row["title"], f"{row['eerWomen']} / {row['eerMen']}", str(row["wordErrorRate"]),
             "-" if row["emotionUar"] is None else str(row["emotionUar"])] for row in voice["rows"]
        ]),
        f"Published: {second['source']}.",
        _table(["Compression", "Words lost"], [
            [row["title"], " / ".join(map(str, row["wordErrorRate"])) if isinstance(row["wordErrorRate"], list)
             else str(row["wordErrorRate"])] for row in second["rows"]
        ]),
        f"Published: {third['source']}.",
        _table(["System", "LibriSpeech gender", "LibriSpeech EER", "RAVDESS gender", "RAVDESS EER", "RAVDESS emotion"], [
            [row["title"], *(str(row[name]) for name in
                             ("librispeechGender", "librispeechEer", "ravdessGender", "ravdessEer", "ravdessEmotion"))]
            for row in third["rows"]
        ]),
    ]
    return "\n\n".join(parts)


def all_tables(evaluation: dict, published: dict) -> str:
    """Everything that stands between the markers of the README."""
    systems, sizes = evaluation["systems"], evaluation["material"]["sizes"]
    asked, enrolled = sizes["piece_seconds"], sizes["piece_seconds"] * (sizes["pieces"] // 2)
    trust = "All checks of the judges passed." if evaluation["trusted"] else (
        "**The judges did not pass their checks; do not quote these figures:** " + " ".join(evaluation["complaints"])
    )
    return "\n\n".join([
        f"Written {evaluation['finished']} by `{evaluation['command']}`. Intervals: {evaluation['interval']}. {trust}",
        "**Words lost**, %. Acted speech against its transcripts; read English against the recogniser's own words on the raw"
        " recording, since the corpus has no transcripts of it.",
        words_table(systems),
        f"**Speaker equal error rate**, %; 50 is chance, higher is more private. Readers are asked by {asked:.0f} s and enrolled"
        f" by {enrolled:.0f} s, actors by one clip each; who has longer recordings errs less. Of each kind of attacker the"
        " strongest family. Held against a system are the words of read English lost by the worse recogniser, and the lowest EER"
        " of lazy-informed and informed attackers.",
        speakers_table(systems),
        "**Gender and emotion told right**, %, balanced over classes; the stronger family.",
        attributes_table(systems),
        "### Beside them: what others published",
        published_tables(published),
    ])


def with_tables(text: str, tables: str) -> str:
    """A README with new tables between its markers.

    Raises:
        ValueError: it has no markers.
    """
    if START not in text or END not in text:
        raise ValueError(f"Expected the markers {START} and {END} in the README, found none. Put them back.")
    return text[: text.index(START) + len(START)] + "\n\n" + tables + "\n\n" + text[text.index(END) :]
