"""Who may import whom: the domain knows nothing outward, boto3 has one folder, the environment one reader."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("functions", "router", "channels", "santral")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SENDER = {"http", "urllib.request", "urllib3", "socket", "ssl", "aiohttp", "requests", "httpx"}
PURE = {
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "phonenumbers",
    "nh3",
    "yaml",
    "common_expression_language",
    "jinja2",
}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Absolute names of everything a module imports when it runs, wherever in it; names only for types are none."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).parent.parts
    tree = ast.parse(path.read_text())
    for branch in [node for node in ast.walk(tree) if isinstance(node, ast.If) and _only_for_types(node)]:
        branch.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _only_for_types(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _modules(package: str, but: str = "-") -> list[Path]:
    return [
        path for path in MODULES if _within(".".join(path.relative_to(ROOT).parts), package) and but not in _name(path)
    ]


@pytest.mark.parametrize("path", _modules("router", but="router/aws/"), ids=_name)
def test_the_domain_imports_nothing_outward(path: Path) -> None:
    outward = [
        name
        for name in _imports(path)
        if _within(name, "channels", "functions", "santral", "router.aws", "boto3", "botocore")
    ]
    assert not outward


@pytest.mark.parametrize("path", _modules("router", but="router/aws/"), ids=_name)
def test_the_domain_uses_only_the_standard_library_and_pure_libraries(path: Path) -> None:
    roots = {name.partition(".")[0] for name in _imports(path)}
    assert roots <= set(sys.stdlib_module_names) | PURE | {"router"}


@pytest.mark.parametrize(
    "path", _modules("router", but="router/aws/") + _modules("channels", but="channels/send"), ids=_name
)
def test_the_domain_and_the_channels_do_no_io(path: Path) -> None:
    assert not [name for name in _imports(path) if _within(name, *SENDER)]


@pytest.mark.parametrize("path", _modules("router.aws"), ids=_name)
def test_the_stores_import_only_the_domain(path: Path) -> None:
    assert not [name for name in _imports(path) if _within(name, "channels", "functions", "santral")]


@pytest.mark.parametrize("path", _modules("channels"), ids=_name)
def test_channels_import_of_us_only_the_domain_s_values(path: Path) -> None:
    assert not [
        name for name in _imports(path) if _within(name, "functions", "santral", "router.aws", "boto3", "botocore")
    ]


@pytest.mark.parametrize("path", _modules("functions"), ids=_name)
def test_functions_do_not_import_the_command_line_or_each_other(path: Path) -> None:
    mine = [name for name in _imports(path) if _within(name, "functions", "santral")]
    assert [name for name in mine if not _within(name, "functions.wiring")] == []


@pytest.mark.parametrize("path", [path for path in MODULES if "santral/" not in _name(path)], ids=_name)
def test_only_the_aws_folder_imports_boto3(path: Path) -> None:
    if "router/aws/" not in _name(path):
        assert not [name for name in _imports(path) if _within(name, "boto3", "botocore")]


@pytest.mark.parametrize("path", [path for path in MODULES if "santral/" not in _name(path)], ids=_name)
def test_only_the_wiring_reads_the_environment(path: Path) -> None:
    if _name(path) == "functions/wiring.py":
        return
    read = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert not read


def test_tests_have_no_init_files() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_what_needs_the_emulator_or_a_browser_lies_where_make_looks_for_it() -> None:
    listed = re.search(r"^STACK := (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert listed is not None
    needs = re.compile(r"mark\.(emulator|browser)\b|NEEDS_(EMULATOR|CHROMIUM)\b")
    marked = [_name(path) for path in (ROOT / "tests").rglob("test_*.py") if needs.search(path.read_text())]
    assert "tests/emulator/test_end_to_end.py" in marked
    assert [name for name in marked if not name.startswith(tuple(listed[1].split()))] == []
