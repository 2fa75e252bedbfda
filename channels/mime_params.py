"""Parameters of MIME headers: quoted, bare, or in RFC 2231's pieces. Nothing here raises."""

from __future__ import annotations

import re

from channels.mime_decode import text_of

_PARAM = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)


def parameters(value: str) -> dict[str, str]:
    """A header's parameters, names lower-case, RFC 2231 pieces joined and decoded; the first of a name wins."""
    if ";" not in value:
        return {}
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAM.finditer(value[:8_000]):
        name, data = match[1].lower(), match[2].strip()
        if data.startswith('"'):
            data = re.sub(r"\\(.)", r"\1", data[1:-1]) if data.endswith('"') and len(data) > 1 else data[1:]
        base, star, index = name.partition("*")
        if not star:
            found.setdefault(name, data)
            continue
        encoded = index == "" or index.endswith("*")
        number = index.rstrip("*")
        pieces.setdefault(base, []).append((int(number) if number.isdigit() and len(number) < 4 else 0, encoded, data))
    for base, parts in pieces.items():
        found[base] = _rfc2231(sorted(parts, key=lambda piece: piece[0])[:200])
    return found


def _rfc2231(parts: list[tuple[int, bool, str]]) -> str:
    charset = ""
    out = b""
    for position, (_, encoded, data) in enumerate(parts):
        if encoded:
            if position == 0 and data.count("'") >= 2:
                charset, _, data = data.split("'", 2)
            out += _percent(data)
        else:
            out += data.encode("utf-8", "replace")
    return text_of(out, charset or None, [])


def _percent(data: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data.encode("utf-8", "replace"))
