#!/usr/bin/env bash
# Runs the tests with coverage and prints the uncovered lines of every source file.
# OUT=file.json takes the report.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh

Scripts/bootstrap.sh tests
with_services
# Instrumented objects go to a folder of their own, so that the next plain build starts warm.
options=(--enable-code-coverage --scratch-path .build/coverage)
with_scratch swift test --no-parallel "${options[@]}"
export=$(swift test --scratch-path .build/coverage --show-codecov-path)
python3 Scripts/coverage.py "$export" "${OUT:-}"
