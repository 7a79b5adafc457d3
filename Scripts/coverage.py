"""Reads llvm-cov's JSON export: percent of covered lines of Sources/, and of the parts where an
untested line can leak personal data.

usage: coverage.py EXPORT.json [OUT.json]
"""
import json
import os
import sys

CRITICAL = {
    "pseudonym": "Sources/PrivataCompliance/Pseudonyms/",
    "separation": "Sources/PrivataCompliance/Separation/",
    "encryption": "Sources/PrivataCompliance/Encryption/",
    "gdpr": "Sources/PrivataCompliance/GDPR/",
}


def uncovered(segments):
    """Line ranges without a run. A segment is line, column, count, has count, entry, gap."""
    lines = set()
    for (line, _, count, counted, _, gap), after in zip(segments, segments[1:]):
        if counted and not gap and count == 0:
            last = after[0] if after[1] > 1 else after[0] - 1
            lines.update(range(line, last + 1))
    for line, _, count, counted, _, gap in segments:
        if counted and not gap and count > 0:
            lines.discard(line)
    ranges = []
    for line in sorted(lines):
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges)


def percent(files):
    total = sum(lines["count"] for lines in files)
    return round(100 * sum(lines["covered"] for lines in files) / total, 2) if total else 0.0


def main(export, out):
    root = os.getcwd() + "/"
    with open(export) as file:
        records = json.load(file)["data"][0]["files"]
    sources = {}
    for record in records:
        path = record["filename"].removeprefix(root)
        if path.startswith("Sources/"):
            sources[path] = record["summary"]["lines"]
            missed = uncovered(record["segments"])
            if missed:
                print(f"{path} ({percent([sources[path]])} %): {missed}")
    report = {
        "lines": percent(sources.values()),
        "critical": {
            name: percent([lines for path, lines in sources.items() if path.startswith(folder)])
            for name, folder in CRITICAL.items()
        },
    }
    print(json.dumps(report, indent=2))
    if out:
        with open(out, "w") as file:
            json.dump(report, file, indent=2)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
