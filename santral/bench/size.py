"""How large a deployment is: our code and the layer, as the template builds them, unpacked (Lambda's limit counts so) and zipped."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from santral.emulator import ROOT, Emulator


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of one artifact; `compiled` says how many of its files are .pyc."""

    name: str
    unpacked: int
    zipped: int
    compiled: int


def measure() -> list[Size]:
    """The code of one function (all have the same) and the layer: of the benches' own build, for this machine, compiled."""
    build = Emulator(state=ROOT / "build" / "bench").build().parent
    return [_size("code", build / "ReceiveFunction"), _size("layer", build / "DependencyLayer")]


def _size(name: str, folder: Path) -> Size:
    files = [path for path in folder.rglob("*") if path.is_file()]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(folder))
    compiled = sum(path.suffix == ".pyc" for path in files)
    return Size(name, sum(path.stat().st_size for path in files), len(packed.getvalue()), compiled)
