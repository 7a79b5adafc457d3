#!/usr/bin/env bash
# The main job on embedded SQLite: no server, no macros, and only what it needs is built.
# PATIENTS=folder takes Synthea's files instead of the bundled sample, OUT=file.json the report.
set -euo pipefail
[ -z "${PATIENTS:-}" ] || PATIENTS=$(cd "$PATIENTS" && pwd)
[ -z "${OUT:-}" ] || OUT=$(realpath -m "$OUT")
export PATIENTS OUT
cd "$(dirname "$0")/.."

Scripts/bootstrap.sh demo
export PRIVATA_ONLY=MongoStyle,PrivataSQLite,PatientImport
# A debug build: the demo shows what happens, and builds in half the time.
swift build --package-path Examples/QuickStart
exec Examples/QuickStart/.build/debug/QuickStart
