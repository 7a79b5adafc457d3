#!/usr/bin/env bash
# Which names of fields hold personal or health data: FILE=names.json [OUT=report.json]
# The file is [{"name": …, "model": …, "type": …}, …]; the report [{"name", "label", "category",
# "confidence"}, …] in the same order.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${FILE:-}" ] || { echo "say FILE=names.json" >&2 && exit 2; }
[ -f "$FILE" ] || { echo "there is no file at $FILE" >&2 && exit 2; }

Scripts/bootstrap.sh tests
export PRIVATA_ONLY=PrivataTool
swift build -q --product privata
options=()
if [ -n "${OUT:-}" ]; then
  rm -f "$OUT"
  options=(--out "$OUT")
fi
swift run -q --skip-build privata detect "$FILE" "${options[@]}"
