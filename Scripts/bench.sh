#!/usr/bin/env bash
# The overhead benchmark: raw driver calls and Privata, by turns in one process.
#   SUITE=style,vault,cached,mix,encrypted,throughput,scaling,cursor,libraries,rights
#   STYLE=prisma,drizzle,mongo-lean,mongo-typed
#   STORE=sqlite,postgres,postgres-socket,mongo  OPS="findById,find 10"  ONLY=regex of the four
#   ROUNDS=n (at least 7)  TIME=seconds for each comparison  ROWS=largest table of `scaling`
#   OUT=file.json takes the report.
#   DOCS=1 also writes Docs/Benchmarks/{results.json,table.md,chart.svg} of what was measured.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh

Scripts/bootstrap.sh tests
with_services
. Scripts/bench_build.sh
step "measure"
results=Benchmarks/.build/results
mkdir -p "$results"
OUT=${OUT:-$results/results.json}
arguments=(--out "$OUT" --environment "$results/environment")
option() { [ -z "$2" ] || arguments+=("$1" "$2"); }
option --suite "${SUITE:-}"
option --style "${STYLE:-}"
option --store "${STORE:-}"
option --ops "${OPS:-}"
option --only "${ONLY:-}"
option --rounds "${ROUNDS:-}"
option --seconds "${TIME:-${1:-}}"
option --rows "${ROWS:-}"
Benchmarks/.build/release/Bench "${arguments[@]}"
[ -z "${DOCS:-}" ] || python3 Scripts/bench_docs.py "$OUT" "$results/environment" Docs/Benchmarks
