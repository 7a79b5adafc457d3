#!/usr/bin/env bash
# Counts allocations and instructions of every operation on SQLite, which depend on neither load nor
# clock, and compares them with Benchmarks/Thresholds/<Swift>/sqlite.json: fails where one has grown.
# What seems to have grown is counted once more, and only what grew both times counts.
#   UPDATE=1 writes what was counted as the new thresholds.
#   ONLY=regex of suite.style.store.op counts those alone; the others are not compared.
# Instructions need valgrind, which it installs where it may; where it cannot run, allocations alone
# are compared.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh
Scripts/bootstrap.sh gate || echo "bench-gate: goes on with what there is"
export BENCH_GATE=1
. Scripts/bench_build.sh

counts=$PWD/Benchmarks/.build/counts
bench=$PWD/Benchmarks/.build/release/Bench
only=()
[ -z "${ONLY:-}" ] || only=(--only "$ONLY")

# One count of everything, in a folder of its own.
count() {
  local folder=$counts/$1
  mkdir -p "$folder"
  step "count allocations"
  timeout 300 "$bench" --suite style,vault,cached "${only[@]}" \
    --counts "$folder/mallocs.json" >"$folder/log" || { tail -5 "$folder/log"; return 1; }
  if ! command -v valgrind >/dev/null; then
    echo "valgrind is not installed: instructions are not compared (apt-get install valgrind)"
    return 0
  fi
  step "count instructions"
  # valgrind cannot read the debug information of Swift's compiler, and needs none.
  strip -g -o "$folder/bench" "$bench"
  (cd "$folder" && timeout 600 valgrind --tool=callgrind --instr-atstart=no -q \
    --callgrind-out-file=callgrind.out ./bench --suite style,vault,cached "${only[@]}" \
    --ops "findById,findById identity,find 100,insert,updateOne" \
    --counts under-callgrind.json >valgrind.log 2>&1) || {
    tail -5 "$folder/valgrind.log"
    echo "valgrind does not run here: instructions are not compared"
    rm -f "$folder"/callgrind.out*
  }
}

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
thresholds=Benchmarks/Thresholds/$version/sqlite.json
rm -rf "$counts"
count first
if [ -n "${UPDATE:-}" ]; then
  python3 Scripts/bench_gate.py "$thresholds" --update "$counts/first"
elif ! python3 Scripts/bench_gate.py "$thresholds" ${ONLY:+--some} "$counts/first"; then
  count second
  python3 Scripts/bench_gate.py "$thresholds" ${ONLY:+--some} "$counts/first" "$counts/second"
fi
