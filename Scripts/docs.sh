#!/usr/bin/env bash
# Builds the reference of every library product into .build/docs, one folder per module.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/bootstrap.sh tests
graphs=.build/docs-graphs
site=.build/docs
rm -rf "$graphs" "$site"
mkdir -p "$graphs" "$site"
swift build -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$PWD/$graphs" \
  --scratch-path .build/docs-build
modules=$(swift package dump-package | python3 -c '
import json, sys
print(*(product["name"] for product in json.load(sys.stdin)["products"] if "library" in product["type"]))')
for module in $modules; do
  mkdir -p "$graphs/$module"
  find "$graphs" -maxdepth 1 \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) \
    -exec mv {} "$graphs/$module/" \;
  catalog=Sources/$module/Documentation.docc
  [ -d "$catalog" ] || catalog=
  docc convert ${catalog:+"$catalog"} --fallback-display-name "$module" \
    --fallback-bundle-identifier "privata.$module" --additional-symbol-graph-dir "$graphs/$module" \
    --output-path "$site/$module" --hosting-base-path "$module"
  echo "docs: $site/$module"
done
