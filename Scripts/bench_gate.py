#!/usr/bin/env python3
"""Compares counted allocations and instructions with committed thresholds.

Usage: bench_gate.py <thresholds.json> [--update] [--some] <folder of counts>...
A folder holds mallocs.json and, where callgrind ran, callgrind.out.* with one dump per operation. Of
several folders each operation's least counts are compared. --some: what was not counted is no fault.
"""
import json
import pathlib
import platform
import re
import sqlite3
import sys

# Counts may grow by this much before the gate fails: hashing is seeded anew in each process. One more
# allocation in a call of a few is found, one in a hundred is not. On another kind of machine than the
# one that the thresholds come from the system's libraries take other paths, so that there is more room.
MALLOC_SLACK, INSTRUCTION_SLACK = 1.01, 1.05
FOREIGN_MALLOC_SLACK, FOREIGN_INSTRUCTION_SLACK = 1.05, 1.2


def machine():
    """What the counts depend on beside the program: the processor's features, libc, SQLite."""
    flags = ""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"^flags\s*:(.*)$", cpuinfo.read_text(), re.M)
        known = {"avx2", "erms", "fsrm"}
        flags = " ".join(sorted(known & set(found[1].split()))) if found else ""
    return {"processor": f"{platform.machine()} {flags}".strip(),
            "libc": " ".join(platform.libc_ver()),
            "sqlite": sqlite3.sqlite_version}


def counted(folder):
    counts = json.loads((folder / "mallocs.json").read_text())
    for dump in sorted(folder.glob("callgrind.out*")):
        text = dump.read_text(errors="replace")
        name = re.search(r"^desc: Trigger: Client Request: (.+)/(\d+)$", text, re.M)
        total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
        if name and total and name[1] in counts:
            # Work that went on on another thread was counted anew, and has several dumps.
            found, known = int(total[1]) // int(name[2]), counts[name[1]]
            if found:
                known["instructions"] = min(known.get("instructions", found), found)
    return counts


def least(all_counts):
    merged = {}
    for counts in all_counts:
        for name, value in counts.items():
            known = merged.setdefault(name, dict(value))
            for key in value:
                known[key] = min(known.get(key, value[key]), value[key])
    return merged


def failures(counts, limits, slack, is_part):
    mallocs, instructions = slack
    for name, limit in sorted(limits.items()):
        found = counts.get(name)
        if found is None:
            if not is_part:
                yield f"{name}: was not counted"
            continue
        if found["mallocs"] > limit["mallocs"] * mallocs + 0.5:
            yield f"{name}: {found['mallocs']:.1f} allocations, threshold {limit['mallocs']:.1f}"
        bound, count = limit.get("instructions"), found.get("instructions")
        if bound and count and count > bound * instructions:
            yield f"{name}: {count} instructions, threshold {bound}"


def show(counts, privata):
    for name, value in sorted(privata.items()):
        raw = counts.get(name.removesuffix(".privata") + ".raw", {})
        pair = [f"{value['mallocs']:.1f} allocations (raw {raw.get('mallocs', 0):.1f})"]
        if "instructions" in value:
            pair.append(f"{value['instructions']} instructions (raw {raw.get('instructions', '-')})")
        print(f"{name.removesuffix('.privata')}: {', '.join(pair)}")


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    path, folders = pathlib.Path(words[0]), [pathlib.Path(word) for word in words[1:]]
    counts = least(counted(folder) for folder in folders)
    privata = {name: value for name, value in counts.items() if name.endswith(".privata")}
    show(counts, privata)
    if "--update" in sys.argv:
        path.parent.mkdir(parents=True, exist_ok=True)
        report = {"machine": machine(), "counts": privata}
        path.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
        return print(f"wrote {path}")
    if not path.exists():
        sys.exit(f"no thresholds in {path}: make bench-gate UPDATE=1 writes them")
    thresholds = json.loads(path.read_text())
    is_same = thresholds["machine"] == machine()
    slack = (MALLOC_SLACK, INSTRUCTION_SLACK) if is_same else (
        FOREIGN_MALLOC_SLACK, FOREIGN_INSTRUCTION_SLACK)
    print(f"thresholds of {'this' if is_same else 'another'} kind of machine: allocations may grow by "
          f"{slack[0] - 1:.0%}, instructions by {slack[1] - 1:.0%}")
    wrong = list(failures(privata, thresholds["counts"], slack, "--some" in sys.argv))
    for line in wrong:
        print("GATE:", line)
    print("bench-gate:", "failed" if wrong else "passed")
    sys.exit(1 if wrong else 0)


main()
