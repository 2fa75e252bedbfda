"""YAML as the configuration has it: a key stands once, and what is wrong is told by line and column."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from santral.config_places import Fault, too_deep
from santral.yaml_once import ReadOnce


class _Loader(ReadOnce):
    """Refuses a key given twice, where YAML lets the last one win without a word; times stay text, for fields to judge."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # 0x_ looks like a number and is none
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                problem = "a key must be a plain word; put a text that begins with { or [ in quotes"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key '{key}' is given twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> Any:
    return loader.construct_scalar(node)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


_DEEP = "is nested too deeply"


def _content(text: str) -> Any:
    """What a text says. Raises yaml.YAMLError, RecursionError."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        deep = None if root is None else too_deep(root)
        if deep is not None:
            raise yaml.MarkedYAMLError(problem=_DEEP, problem_mark=deep.start_mark)
        return None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def read(path: Path, faults: list[Fault], *, about: str = "") -> dict[str, Any]:
    """A file's mapping; empty where it has none, and `faults` says why. `about`: what a file of this name should define."""
    try:
        content = _content(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark else (None, None)
        faults.append(Fault(path.name, "", error.problem or "is not YAML", *at))
        return {}
    except RecursionError:
        faults.append(Fault(path.name, "", _DEEP))
        return {}
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8
        faults.append(Fault(path.name, "", f"is not YAML: {error}"))
        return {}
    except OSError as error:
        faults.append(Fault(path.name, "", f"cannot be read: {error.strerror or error}"))
        return {}
    if content is None:
        faults.append(Fault(path.name, "", f"defines no {about}" if about else "is empty; fill it or delete it"))
        return {}
    if not isinstance(content, dict):
        faults.append(Fault(path.name, "", "must be a mapping at its top"))
        return {}
    return {str(key): value for key, value in content.items()}
