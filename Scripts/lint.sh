#!/usr/bin/env bash
# Format, the rules of style that a machine can check, imports against the target graph, links.
set -euo pipefail
cd "$(dirname "$0")/.."

result=0
git ls-files -z -- '*.swift' | xargs -0 swift format lint --strict --parallel || result=1
mkdir -p .build
env -u PRIVATA_ONLY swift package dump-package >.build/lint-package.json
python3 Scripts/lint.py .build/lint-package.json || result=1
[ $result -ne 0 ] || echo "lint: clean"
exit $result
