"""How the page of a report looks, in light and dark: the colours of the other pages, no font or picture from elsewhere."""

from __future__ import annotations

from html import escape


def document(title: str, language: str, body: str, style: str = "") -> str:
    """A whole page that may load nothing, with more of a style if it needs some."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def panel(title: str, inside: str, beside: str = "", kind: str = "") -> str:
    """A part of the page with a heading, and what stands beside that."""
    of = f' class="{kind}"' if kind else ""
    return f'<section{of}><div class="head"><h2>{escape(title)}</h2>{beside}</div>{inside}</section>'


STYLE = """
:root{color-scheme:light dark;--bg:#f3f5f7;--surface:#fff;--text:#17212b;--muted:#586573;
--line:#dce2e8;--a:#0a6b60;--b:#c2610c;--band:#f6f8fa}
@media(prefers-color-scheme:dark){:root{--bg:#0e1318;--surface:#161d24;--text:#e7ecf1;--muted:#9dabb8;
--line:#29333d;--a:#55c7b7;--b:#f2a65a;--band:#1b232b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 48px}
h1{font-size:24px;margin:0}h2{font-size:16px;margin:0 0 10px}
.period,footer{color:var(--muted)}.period{margin:4px 0 20px}footer{margin-top:24px;font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:12px;margin:0 0 16px}
.tile,section{background:var(--surface);border:1px solid var(--line);border-radius:12px}
.tile{padding:12px 14px}.tile dt{color:var(--muted);font-size:13px}
.tile dd{margin:2px 0 0;font-size:22px;font-weight:600;white-space:nowrap}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:16px}
section{padding:16px;min-width:0}.table{margin-top:16px}
.head{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin-bottom:6px}.head h2{margin:0;flex:1}
.note,.key{color:var(--muted);font-size:13px}.key::before{content:"";display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px;background:var(--a)}
.key.b::before{background:var(--b)}
svg{display:block;width:100%;height:auto}
.grid{stroke:var(--line);fill:none}.tick{fill:var(--muted);font-size:15px}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}
.dot.a,.bar.a{fill:var(--a)}.dot.b,.bar.b{fill:var(--b)}
.hit{fill:transparent}.hit:hover{fill:var(--text);fill-opacity:.07}
.scroll{overflow-x:auto}
@media(max-width:760px){.tiles{grid-template-columns:1fr 1fr}.plot svg{min-width:520px}}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:6px 7px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--muted);font-weight:500;vertical-align:bottom}thead th{white-space:normal;line-height:1.25}
th:first-child{text-align:left;position:sticky;left:0;background:var(--surface)}
tbody th{color:var(--text);max-width:260px;overflow:hidden;text-overflow:ellipsis}
tfoot th,tfoot td{font-weight:600;border-bottom:0;color:var(--text)}
tbody tr:hover td,tbody tr:hover th{background:var(--band)}
summary{cursor:pointer;font-weight:600}details[open] summary{margin-bottom:10px}
.none{color:var(--muted)}
@media print{body{background:none}section{break-inside:avoid}}
"""
