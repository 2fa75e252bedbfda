"""What `sam build` made, packed once for every deploy on this machine: `sam deploy` packs each function anew, which takes most of its time.

All functions have the same files (infra/Makefile), so they share one archive, as they do on AWS, where sam uploads it once. The template
is written as JSON, which sam reads in a fraction of the time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import yaml

PACKED = "template.json"
"""The template's name, beside what was built."""
_SOURCES = ("CodeUri", "ContentUri")


def packed(built: Path) -> Path:
    """The template to deploy: that of a build, with an archive in place of each folder."""
    for old in built.glob("*.zip"):
        old.unlink()
    template: dict[str, Any] = yaml.load((built / "template.yaml").read_bytes(), yaml.CSafeLoader)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for field in _SOURCES:
            if isinstance(source := properties.get(field), str):
                properties[field] = _archive(built, built / source).name
    made = built / PACKED
    made.write_text(json.dumps(template, indent=1), encoding="utf-8")
    return made


def _archive(built: Path, folder: Path) -> Path:
    """A folder's files in an archive that bears the hash of its content."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    archive = built / f"{_digest(folder, files)}.zip"
    if not archive.exists():
        with ZipFile(archive, "w", ZIP_DEFLATED) as into:
            for path in files:
                into.write(path, path.relative_to(folder))
    return archive


def _digest(folder: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(os.fsencode(path.relative_to(folder)) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
