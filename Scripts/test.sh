#!/usr/bin/env bash
# The whole test suite against real servers. ONLY=Target,Target narrows it to those test targets.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh

Scripts/bootstrap.sh tests
step "services"
with_services
export PRIVATA_STRICT=1
[ -z "${ONLY:-}" ] || export PRIVATA_ONLY=$ONLY

step "build"
swift build --build-tests
step "tests"
# One test at a time: several of them measure time, and there may be no more than two cores.
with_scratch swift test --skip-build --no-parallel

if [ -z "${ONLY:-}" ] || [[ "$ONLY" == *MongoStyleTests* ]]; then
  step "suites of documents on Postgres"
  # What the suites ask of memory and of SQLite, Postgres is asked too.
  PRIVATA_DOCUMENT_STORE=postgres with_scratch swift test --skip-build --no-parallel \
    --filter MongoStyleTests --skip 'MemoryTests|MongoServerTests'
fi

if [ -z "${ONLY:-}" ]; then
  step "harness of the benchmark"
  BENCH_KIT_ONLY=1 swift test --package-path Benchmarks --scratch-path .build/bench-kit
fi
