#!/usr/bin/env bash
# Format, the rules of style that a machine can check, imports against the target graph, links.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files -z -- '*.swift' | xargs -0 swift format lint --strict --parallel
mkdir -p .build
env -u PRIVATA_ONLY swift package dump-package >.build/lint-package.json
python3 Scripts/lint.py .build/lint-package.json
echo "lint: clean"
