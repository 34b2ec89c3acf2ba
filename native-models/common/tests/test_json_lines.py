"""Files that grow while they are read."""

import json

from sotto_models.json_lines import cut_half_line, read_json_lines

HALF = '{"text": "é'.encode()[:-1]
"""Ends inside a character."""


def test_half_a_line_is_left_out_and_odd_separators_inside_text_are_none(tmp_path):
    file = tmp_path / "lines.jsonl"
    assert read_json_lines(file) == []
    lines = [{"text": "one\u2028two"}, {"text": "three"}]
    file.write_bytes("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode() + HALF)
    assert read_json_lines(file) == lines
    file.write_bytes(HALF)
    assert read_json_lines(file) == []


def test_a_writer_goes_on_behind_the_last_whole_line(tmp_path):
    file = tmp_path / "lines.jsonl"
    cut_half_line(file)
    assert not file.exists()
    file.write_bytes(b'{"n": 1}\n' + HALF)
    for number in (2, 3):
        cut_half_line(file)
        with open(file, "a") as opened:
            opened.write(json.dumps({"n": number}) + "\n")
    assert read_json_lines(file) == [{"n": 1}, {"n": 2}, {"n": 3}]
    file.write_bytes(HALF)
    cut_half_line(file)
    assert file.read_bytes() == b""
