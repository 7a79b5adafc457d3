#!/usr/bin/env bash
# Builds the reference of every library product into .build/docs, one folder per module.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/bootstrap.sh tests
site=$PWD/.build/docs
rm -rf "$site"
mkdir -p "$site"
made=$(swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members |
  tee /dev/stderr | sed -n 's/^Files written to //p')
modules=$(swift package dump-package | python3 -c '
import json, sys
print(*(product["name"] for product in json.load(sys.stdin)["products"] if "library" in product["type"]))')
for module in $modules; do
  graphs=$made/of-$module
  rm -rf "$graphs" && mkdir "$graphs"
  find "$made" -maxdepth 1 \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) \
    -exec cp {} "$graphs/" \;
  catalog=Sources/$module/Documentation.docc
  [ -d "$catalog" ] || catalog=
  docc convert --warnings-as-errors ${catalog:+"$catalog"} --fallback-display-name "$module" \
    --fallback-bundle-identifier "privata.$module" --additional-symbol-graph-dir "$graphs" \
    --output-path "$site/$module" --hosting-base-path "$module"
  echo "docs: $site/$module"
done
