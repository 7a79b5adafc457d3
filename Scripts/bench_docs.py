#!/usr/bin/env python3
"""Writes measurements into the documentation: results.json, table.md and chart.svg.

Usage: bench_docs.py <results.json>[,<more.json>…] <environment> <folder>
Every figure is printed as it was measured.
"""
import html
import json
import math
import pathlib
import sys

COLOURS = {"prisma": "#4269d0", "drizzle": "#3ca951", "mongo-lean": "#efb118",
           "mongo-typed": "#ff725c", "prisma-vault": "#a463f2"}


def duration(nanoseconds):
    if nanoseconds < 10_000:
        return f"{nanoseconds:,.0f} ns"
    if nanoseconds < 10_000_000:
        return f"{nanoseconds / 1000:,.1f} µs"
    return f"{nanoseconds / 1e6:,.1f} ms"


def grouped(rows):
    groups = {}
    for row in rows:
        groups.setdefault((row["suite"], row["store"]), []).append(row)
    return groups


def mean(rows):
    return math.exp(sum(math.log(row["ratio"]) for row in rows) / len(rows))


def table(rows, environment):
    lines = ["# Measurements", "", "Written by `make bench DOCS=1`; medians, ratio Privata to raw.",
             "[Performance](../Performance.md) says how they are measured and where the time goes.",
             "", f"Measured on: {environment}", "", "![Ratios](chart.svg)", ""]
    for (suite, store), found in grouped(rows).items():
        lines += [f"## {suite}, {store}", "",
                  "| style | operation | raw | Privata | ratio |", "|---|---|--:|--:|--:|"]
        for row in found:
            lines.append(f"| {row['style']} | {row['op']} | {duration(row['raw_ns'])} | "
                         f"{duration(row['privata_ns'])} | {row['ratio']:.2f} |")
        for style in dict.fromkeys(row["style"] for row in found):
            own = [row for row in found if row["style"] == style]
            lines.append(f"| {style} | geometric mean | | | {mean(own):.2f} |")
        lines.append("")
    return "\n".join(lines)


def chart(rows, environment):
    """One panel per suite and store, one bar per operation and style; marks at 1.0 and 1.1."""
    left, width, bar, top = 260, 640, 11, 40
    scale = width / 3.0
    parts, y = [], top
    for (suite, store), found in grouped(rows).items():
        parts.append(f'<text x="10" y="{y + 12}" font-weight="bold">{suite}, {store}</text>')
        y += 20
        start = y
        for row in found:
            length = min(row["ratio"], 3.0) * scale
            colour = COLOURS.get(row["style"], "#888")
            label = html.escape(f"{row['style']} {row['op']}")
            parts.append(f'<text x="{left - 6}" y="{y + 9}" text-anchor="end">{label}</text>'
                         f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 2}" '
                         f'fill="{colour}"/><text x="{left + length + 4:.1f}" y="{y + 9}">'
                         f'{row["ratio"]:.2f}</text>')
            y += bar
        for mark, dash in ((1.0, ""), (1.1, ' stroke-dasharray="2,2"')):
            x = left + mark * scale
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{start}" y2="{y}" stroke="#333"{dash}/>')
        y += 16
    head = ('<text x="10" y="16" font-size="13">Time of Privata over time of raw driver calls '
            '(line: 1.0, dashed: 1.1; bars end at 3)</text>'
            f'<text x="10" y="30">{html.escape(environment)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{y}" '
            f'font-family="sans-serif" font-size="9">'
            f'<rect width="100%" height="100%" fill="#fff"/>{head}{"".join(parts)}</svg>\n')


def main():
    rows = [row for name in sys.argv[1].split(",") for row in json.loads(pathlib.Path(name).read_text())]
    environment = pathlib.Path(sys.argv[2]).read_text().strip()
    folder = pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    compact = ",\n ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "results.json").write_text(f"[{compact}]\n")
    (folder / "table.md").write_text(table(rows, environment) + "\n")
    (folder / "chart.svg").write_text(chart(rows, environment))


main()
