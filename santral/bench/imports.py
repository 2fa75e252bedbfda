"""What a cold start imports: each function in a fresh process, beside boto3 with one client, and that with pydantic and Logger.

Interleaved, so that a busy moment meets all alike; the ratio is taken inside each round and its median told. Everything is
compiled before, as in a build. Only the import: a function's first call also reads the key and makes its clients.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from santral.emulator import ROOT

_BOTO3 = "import boto3; boto3.client('dynamodb')"
_BASELINE = f"{_BOTO3}; import pydantic; from aws_lambda_powertools import Logger; Logger()"
BOTO3, BASELINE = "boto3 with one client", "the same, pydantic and Logger"


@dataclass(frozen=True, slots=True)
class Import:
    """Processor milliseconds above a bare interpreter; `ratio` is to boto3 with one client, in the same round."""

    name: str
    milliseconds: float
    ratio: float


def measure(rounds: int) -> list[Import]:
    """The two baselines and each function, by the median of so many rounds."""
    functions = sorted(p.stem for p in (ROOT / "functions").glob("*.py") if p.stem not in ("__init__", "wiring"))
    programs = {"": "pass", BOTO3: _BOTO3, BASELINE: _BASELINE} | {n: f"import functions.{n}" for n in functions}
    for program in programs.values():
        _run(program)
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            times[name].append(_run(program))
    bare = times.pop("")
    above = {name: [t - b for t, b in zip(found, bare, strict=True)] for name, found in times.items()}
    return [
        Import(name, median(found), median(t / b for t, b in zip(found, above[BOTO3], strict=True)))
        for name, found in above.items()
    ]


def _run(program: str) -> float:
    """Processor time of a fresh interpreter: on a shared machine the wall clock measures the neighbours."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        "POWERTOOLS_SERVICE_NAME": "bench", "POWERTOOLS_METRICS_NAMESPACE": "Santral",
    }  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=Path(ROOT), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
