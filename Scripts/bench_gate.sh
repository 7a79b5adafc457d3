#!/usr/bin/env bash
# Counts allocations and instructions of every operation on SQLite, which depend on neither load nor
# clock, and compares them with Benchmarks/Thresholds/<Swift>.json: fails where one has grown.
#   UPDATE=1 writes what was counted as the new thresholds.
# Instructions need valgrind, which it installs where it may; without it allocations alone are compared.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh
Scripts/bootstrap.sh gate || echo "bench-gate: goes on with what there is"
. Scripts/bench_build.sh

counts=$PWD/Benchmarks/.build/counts
rm -rf "$counts"
mkdir -p "$counts"
step "count allocations"
bench=$PWD/Benchmarks/.build/release/Bench
timeout 300 "$bench" --suite style,vault,cached --counts "$counts/mallocs.json" >"$counts/log" ||
  { tail -5 "$counts/log"; exit 1; }
if command -v valgrind >/dev/null; then
  step "count instructions"
  # valgrind cannot read the debug information of Swift's compiler, and needs none.
  strip -g -o "$counts/bench" "$bench"
  (cd "$counts" && timeout 300 valgrind --tool=callgrind --instr-atstart=no -q \
    --callgrind-out-file=callgrind.out ./bench --suite style,vault,cached \
    --ops "findById,findById identity,find 100,insert,updateOne" \
    --counts under-callgrind.json >log 2>&1) || { tail -5 "$counts/log"; exit 1; }
else
  echo "valgrind is not installed: instructions are not compared (apt-get install valgrind)"
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
python3 Scripts/bench_gate.py "$counts" "Benchmarks/Thresholds/$version/sqlite.json" ${UPDATE:+--update}
