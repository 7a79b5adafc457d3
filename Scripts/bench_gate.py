#!/usr/bin/env python3
"""Compares counted allocations and instructions with committed thresholds.

Usage: bench_gate.py <folder of counts> <thresholds.json> [--update]
The folder holds mallocs.json and, where callgrind ran, callgrind.out.* with one dump per operation.
"""
import json
import pathlib
import re
import sys

# Counts may grow by this much before the gate fails: hashing is seeded anew in each process. One more
# allocation in a call of a few is found, one in a hundred is not.
MALLOC_SLACK, INSTRUCTION_SLACK = 1.01, 1.05


def counted(folder):
    counts = json.loads((folder / "mallocs.json").read_text())
    for dump in sorted(folder.glob("callgrind.out*")):
        text = dump.read_text(errors="replace")
        name = re.search(r"^desc: Trigger: Client Request: (.+)/(\d+)$", text, re.M)
        total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
        if name and total and name[1] in counts:
            counts[name[1]]["instructions"] = int(total[1]) // int(name[2])
    return counts


def failures(counts, thresholds):
    for name, limits in sorted(thresholds.items()):
        found = counts.get(name)
        if found is None:
            yield f"{name}: was not counted"
            continue
        if found["mallocs"] > limits["mallocs"] * MALLOC_SLACK + 0.5:
            yield f"{name}: {found['mallocs']:.1f} allocations, threshold {limits['mallocs']:.1f}"
        limit, instructions = limits.get("instructions"), found.get("instructions")
        if limit and instructions and instructions > limit * INSTRUCTION_SLACK:
            yield f"{name}: {instructions} instructions, threshold {limit}"


def main():
    folder, path = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    counts = counted(folder)
    privata = {name: value for name, value in counts.items() if name.endswith(".privata")}
    for name, value in sorted(privata.items()):
        raw = counts.get(name.removesuffix(".privata") + ".raw", {})
        pair = [f"{value['mallocs']:.1f} allocations (raw {raw.get('mallocs', 0):.1f})"]
        if "instructions" in value:
            pair.append(f"{value['instructions']} instructions (raw {raw.get('instructions', '-')})")
        print(f"{name.removesuffix('.privata')}: {', '.join(pair)}")
    if "--update" in sys.argv:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(privata, indent=1, sort_keys=True) + "\n")
        return print(f"wrote {path}")
    if not path.exists():
        sys.exit(f"no thresholds in {path}: make bench-gate UPDATE=1 writes them")
    wrong = list(failures(privata, json.loads(path.read_text())))
    for line in wrong:
        print("GATE:", line)
    print("bench-gate:", "failed" if wrong else "passed")
    sys.exit(1 if wrong else 0)


main()
