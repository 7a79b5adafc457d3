#!/usr/bin/env bash
# Replays recorded cases on a real store:
#   STYLE=mongoose|prisma|drizzle STORE=mongo|postgres|sqlite [FILE=vectors.json] [OUT=report.json]
#   [ONLY=prefix of case ids] [SENT=strict: commands other than the recorded ones are failures]
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/environment.sh

case "${STYLE:-}" in
  mongoose) product=ReplayMongoose ;;
  prisma) product=ReplayPrisma ;;
  drizzle) product=ReplayDrizzle ;;
  *) echo "say STYLE=mongoose, prisma or drizzle" >&2 && exit 2 ;;
esac
case "${STORE:=sqlite}" in
  sqlite) ;;
  postgres | mongo) with_services ;;
  *) echo "say STORE=sqlite, postgres or mongo" >&2 && exit 2 ;;
esac

options=(--store "$STORE")
[ -z "${FILE:-}" ] || options+=(--file "$FILE")
[ -z "${OUT:-}" ] || options+=(--out "$OUT")
prefix=${ONLY:-}
unset ONLY
[ -z "$prefix" ] || options+=(--only "$prefix")
[ -z "${SENT:-}" ] || options+=(--sent "$SENT")

export PRIVATA_ONLY=$product
swift build -q --product "$product"
swift run -q --skip-build "$product" "${options[@]}"
