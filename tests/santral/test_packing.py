"""A build is packed once: what is the same is one archive, and the template names archives in place of folders."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from santral.packing import packed

TEMPLATE = """
Parameters:
  Version: {Type: String, Default: '2012-10-17'}
Resources:
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Layer}}
  One: {Type: AWS::Serverless::Function, Properties: {CodeUri: One, Handler: functions.one.handler, Timeout: 5}}
  Two: {Type: AWS::Serverless::Function, Properties: {CodeUri: Two, Handler: functions.two.handler}}
  Table: {Type: AWS::DynamoDB::Table}
"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE, "utf-8")
    for folder, content in (("Layer", "layer"), ("One", "code"), ("Two", "code")):
        (tmp_path / folder / "package").mkdir(parents=True)
        (tmp_path / folder / "package" / "file.py").write_text(content, "utf-8")
    return tmp_path


def properties(built: Path) -> dict[str, dict[str, str]]:
    template = json.loads(packed(built).read_text("utf-8"))
    assert template["Parameters"]["Version"]["Default"] == "2012-10-17"
    return {name: one.get("Properties", {}) for name, one in template["Resources"].items()}


def test_folders_are_archives_and_those_of_the_same_files_are_one(built: Path) -> None:
    found = properties(built)
    assert found["One"] == {"CodeUri": found["Two"]["CodeUri"], "Handler": "functions.one.handler", "Timeout": 5}
    for archive, content in ((found["One"]["CodeUri"], b"code"), (found["Layer"]["ContentUri"], b"layer")):
        with ZipFile(built / archive) as opened:
            assert {name: opened.read(name) for name in opened.namelist()} == {"package/file.py": content}


def test_another_build_leaves_nothing_of_the_one_before(built: Path) -> None:
    before = properties(built)
    (built / "Two" / "package" / "file.py").write_text("other code", "utf-8")
    after = properties(built)
    assert after["Two"]["CodeUri"] != before["Two"]["CodeUri"] == after["One"]["CodeUri"]
    (built / "One" / "package" / "file.py").rename(built / "One" / "package" / "another.py")
    assert properties(built)["One"]["CodeUri"] not in {after["One"]["CodeUri"], after["Two"]["CodeUri"]}
    assert len(list(built.glob("*.zip"))) == 3
