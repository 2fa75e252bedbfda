"""What the page of a simulation has beside the style of a report: a colour and a kind of line for each policy."""

from __future__ import annotations

# Okabe and Ito's colours, which colour-blind people tell apart, on light and on dark; black is the colour of the text
_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#c98a00", "#56b4e9", "var(--text)", "#a89a00")
_DARK = ("#56b4e9", "#ff8a3d", "#2fc99a", "#e6a3c6", "#e69f00", "#3f8fd2", "var(--text)", "#f0e442")
_DASHES = ("none", "8 4", "2 4", "9 4 2 4", "14 4", "1 3", "none", "6 2 2 2 2 2")
SERIES = len(_LIGHT)


def _colours(colours: tuple[str, ...]) -> str:
    return ";".join(f"--p{at}:{colour}" for at, colour in enumerate(colours))


_EACH = "\n".join(
    f".line.p{at}{{stroke:var(--p{at});stroke-dasharray:{dashes}}}.dot.p{at},.band.p{at}{{fill:var(--p{at})}}"
    for at, dashes in enumerate(_DASHES)
)

STYLE = f"""
:root{{{_colours(_LIGHT)}}}
@media(prefers-color-scheme:dark){{:root{{{_colours(_DARK)}}}}}
{_EACH}
.line.whisker{{stroke-dasharray:none;stroke-opacity:.5}}
.band{{fill-opacity:.14}}
.legend{{color:var(--muted);font-size:13px;white-space:nowrap}}
.swatch{{display:inline-block;width:30px;height:8px;margin-right:6px;vertical-align:middle}}
.half{{display:block;color:var(--muted);font-size:12px;font-weight:400}}
.table tbody th,.table td{{vertical-align:top}}td.text,th.text{{text-align:left}}
.group th{{font-weight:600}}
.plots{{margin-top:16px}}.plots .head h2{{flex:1 0 auto;max-width:100%}}
h1{{overflow-wrap:anywhere}}
.facts{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(45%,200px),1fr));gap:10px 20px;margin:0 0 16px}}
.facts dt{{color:var(--muted);font-size:13px}}.facts dd{{margin:0;overflow-wrap:anywhere}}
@media print{{.scroll{{overflow:visible}}.plots{{grid-template-columns:1fr 1fr}}.plot svg{{min-width:0}}
main{{padding:0}}section{{border-color:#ccc}}th,td{{padding:4px 5px}}th:first-child{{position:static}}
*{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}@page{{size:A4 landscape;margin:12mm}}}}
"""
