"""The rules that keep a shipped weight honest."""

from pathlib import Path

import pytest

from sotto_models.corpus import CorpusError, Clip, corpus_folder, read_manifest, refuse_forbidden, training_clips
from sotto_models.evaluation_list import evaluation_clips

HEADER = "path,kind,source,licence,speaker,label,duration_s,split\n"
ROWS = """speech/a.flac,speech,a,CC-BY-4.0,s1,en,4.0,train
speech/b.flac,speech,a,CC-BY-4.0,s2,en,4.0,valid
speech/c.flac,speech,a,CC-BY-4.0,s3,en,4.0,test
events/shot.flac,event,game,GPL-2.0-or-later,,gun_shot,1.0,train
speech/d.flac,speech,prompts,CC-BY-SA-3.0,s4,fr,4.0,train
eval-nc/noise/e.flac,noise,esc-50,CC-BY-NC-3.0,,rain,5.0,test
"""


def corpus_of(folder: Path, rows: str) -> Path:
    (folder / "manifest.csv").write_text(HEADER + rows)
    return folder


def clip(path: str, split: str) -> Clip:
    return Clip(path, "speech", "a", "CC-BY-4.0", "s", "en", 4.0, split)


def test_training_takes_only_permissive_rows_of_the_train_split(tmp_path):
    clips = training_clips(read_manifest(corpus_of(tmp_path, ROWS)))
    assert [c.path for c in clips] == ["speech/a.flac"]


def test_copyleft_rows_come_only_when_asked_for(tmp_path):
    clips = training_clips(read_manifest(corpus_of(tmp_path, ROWS)), allow_copyleft=True)
    assert [c.path for c in clips] == ["speech/a.flac", "events/shot.flac", "speech/d.flac"]


def test_the_test_split_can_not_be_asked_for(tmp_path):
    with pytest.raises(CorpusError, match="Test data only judges"):
        training_clips(read_manifest(corpus_of(tmp_path, ROWS)), split="test")


@pytest.mark.parametrize("path", ["eval-nc/ravdess/x.flac", "./eval-nc/x.flac", "eval-nc\\x.flac"])
def test_evaluation_only_clips_are_refused_however_their_path_is_written(path):
    with pytest.raises(CorpusError, match="evaluation only"):
        refuse_forbidden([clip(path, "test")])


def test_an_evaluation_only_row_outside_the_test_split_is_an_error(tmp_path):
    row = "eval-nc/x.flac,noise,esc-50,CC-BY-NC-3.0,,rain,5.0,train\n"
    with pytest.raises(CorpusError, match="split test"):
        read_manifest(corpus_of(tmp_path, row))


def test_test_clips_are_refused_at_the_last_gate():
    with pytest.raises(CorpusError, match="test split"):
        refuse_forbidden([clip("speech/c.flac", "test")])


def test_an_unknown_licence_stops_training(tmp_path):
    row = "speech/x.flac,speech,a,All rights reserved,s1,en,4.0,train\n"
    with pytest.raises(CorpusError, match="known licence"):
        training_clips(read_manifest(corpus_of(tmp_path, row)))


def test_evaluation_lists_leave_out_noncommercial_material(tmp_path):
    clips = evaluation_clips(read_manifest(corpus_of(tmp_path, ROWS)), "test")
    assert [c.path for c in clips] == ["speech/c.flac"]


def test_a_missing_corpus_says_how_to_name_one(monkeypatch):
    monkeypatch.delenv("SOTTO_CORPUS", raising=False)
    with pytest.raises(CorpusError, match="SOTTO_CORPUS"):
        corpus_folder(None)
