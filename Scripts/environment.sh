# Sourced by the other scripts: addresses of the services that `make services` started.
# A variable that is already set wins over .services.env.
load_services() {
  local line name
  [ -f .services.env ] || return 0
  while IFS= read -r line; do
    [[ $line =~ ^export\ (PRIVATA_[A-Z_]+)= ]] || continue
    name=${BASH_REMATCH[1]}
    [ -n "${!name:-}" ] || export "${line#export }"
  done <.services.env
}

# Starts the services unless they run already, and stops at exit only what it started.
with_services() {
  if ! Scripts/services.sh status >/dev/null; then
    trap 'Scripts/services.sh stop' EXIT
    Scripts/services.sh start >/dev/null
  fi
  load_services
}

# Runs a command whose temporary files go with it, however it ends; services keep theirs.
with_scratch() {
  local folder status=0
  folder=$(mktemp -d)
  TMPDIR=$folder "$@" || status=$?
  rm -rf "$folder"
  return "$status"
}

step() { printf '\n== %s\n' "$*"; }
