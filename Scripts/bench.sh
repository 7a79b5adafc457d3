#!/usr/bin/env bash
# The overhead benchmark: raw driver calls and Privata, interleaved in one process.
#   Scripts/bench.sh [seconds]   how long each comparison takes, about
# ONLY=regex picks comparisons (suite.style.store.op), OUT=file.json takes the report.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh

Scripts/bootstrap.sh tests
with_services
# What the benchmark does not link need not be fetched or built: no macros, no swift-syntax.
export PRIVATA_ONLY=MongoStyle,PrismaStyle,DrizzleStyle,PrivataSQLite,PrivataPostgres,PrivataMongo
step "build"
swift build -c release --package-path Benchmarks
step "measure"
arguments=()
[ -z "${ONLY:-}" ] || arguments+=(--only "$ONLY")
[ -z "${1:-}" ] || arguments+=(--seconds "$1")
[ -z "${OUT:-}" ] || arguments+=(--out "$OUT")
Benchmarks/.build/release/Bench "${arguments[@]}"
