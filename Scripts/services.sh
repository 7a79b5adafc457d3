#!/usr/bin/env bash
# Private PostgreSQL, MongoDB (one-node replica set) and Redis for the tests.
#   Scripts/services.sh start    installs what lacks, starts them, writes .services.env
#   Scripts/services.sh stop     stops them and removes their data
#   Scripts/services.sh status   exit 0 when every server of this checkout runs
# They listen on free loopback ports with data in a temporary folder; servers that the system runs
# are never touched. A PRIVATA_…_URL that is already set wins: that server is not started.
set -euo pipefail
cd "$(dirname "$0")/.."

state=.services/state
env_file=.services.env
say() { echo "services: $*"; }

# MARK: Places

# User postgres must be able to reach the folder, and socket paths must stay under 108 bytes.
make_data_folder() {
  local parent
  for parent in "${TMPDIR:-/tmp}" /tmp; do
    [[ $parent =~ ^/[A-Za-z0-9/._-]{1,50}$ ]] || continue
    data=$(mktemp -d "$parent/privata-services.XXXXXX") || continue
    chmod 711 "$data"
    as_postgres test -x "$data" && return
    rmdir "$data"
  done
  say "no temporary folder that the servers could use" >&2
  return 1
}

free_ports() {
  python3 - "$1" <<'PYTHON'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(server.getsockname()[1] for server in held))
PYTHON
}

# initdb and postgres refuse to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

postgres_program() {
  local newest
  newest=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -1 || true)
  if [ -n "$newest" ]; then echo "${newest%/*}/$1"; else command -v "$1"; fi
}

# MARK: Certificates

make_certificates() {
  local tls=$data/tls
  mkdir "$tls"
  local quiet=(-nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1)
  openssl req -x509 "${quiet[@]}" -days 30 -subj /CN=privata-test-ca \
    -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>/dev/null
  openssl req -x509 "${quiet[@]}" -days 30 -subj /CN=privata-other-ca \
    -keyout "$tls/other.key" -out "$tls/other-ca.pem" 2>/dev/null
  openssl req "${quiet[@]}" -subj /CN=localhost -keyout "$tls/server.key" \
    -out "$tls/server.csr" 2>/dev/null
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" \
    -CAcreateserial -days 30 -out "$tls/server.pem" \
    -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') 2>/dev/null
  cat "$tls/server.key" "$tls/server.pem" >"$tls/mongod.pem"
  chmod 755 "$tls"
  chmod 600 "$tls"/*.key "$tls/mongod.pem"
}

# MARK: Servers

start_postgres() {
  local port=$1 folder=$data/postgres
  mkdir "$folder" "$data/socket"
  cp "$data/tls/server.key" "$folder.key"
  if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder" "$data/socket" "$folder.key"; fi
  as_postgres "$(postgres_program initdb)" -D "$folder/data" -U privata --auth=trust --no-sync \
    -E UTF8 --locale=C.UTF-8 >"$data/initdb.log" 2>&1
  as_postgres tee "$folder/data/pg_hba.conf" >/dev/null <<'HBA'
local     all all                     trust
host      all guarded 127.0.0.1/32    scram-sha-256
hostssl   all sealed  127.0.0.1/32    trust
hostnossl all sealed  127.0.0.1/32    reject
host      all privata 127.0.0.1/32    trust
HBA
  as_postgres tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$data/socket'
max_connections = 200
# The data is thrown away: nothing waits for the disk.
fsync = off
full_page_writes = off
ssl = on
ssl_cert_file = '$data/tls/server.pem'
ssl_key_file = '$folder.key'
timezone = 'UTC'
lc_messages = 'C'
CONF
  as_postgres "$(postgres_program pg_ctl)" -D "$folder/data" -l "$folder/log" -w -t 30 start \
    >/dev/null 2>&1 || { as_postgres tail -20 "$folder/log" >&2; return 1; }
  as_postgres "$(postgres_program psql)" -q -h "$data/socket" -p "$port" -U privata -d postgres \
    -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
CREATE DATABASE privata;
CREATE ROLE guarded LOGIN PASSWORD 'right-password';
CREATE ROLE sealed LOGIN;
GRANT ALL ON DATABASE privata TO guarded, sealed;
SQL
}

start_mongo() {
  local port=$1 program
  program=$(Scripts/mongod.sh)
  mkdir "$data/mongo"
  ulimit -n 64000 2>/dev/null || true
  # preferTLS takes plain and TLS connections on one port; enableTestCommands gives failCommand.
  # Transactions wait longer than 5 ms for a lock: on a busy machine other tests drop databases.
  "$program" --fork --dbpath "$data/mongo" --logpath "$data/mongo.log" \
    --pidfilepath "$data/mongo.pid" --port "$port" --bind_ip 127.0.0.1 --nounixsocket \
    --replSet privata --oplogSize 990 --wiredTigerCacheSizeGB 0.5 \
    --tlsMode preferTLS --tlsCertificateKeyFile "$data/tls/mongod.pem" \
    --tlsCAFile "$data/tls/ca.pem" --tlsAllowConnectionsWithoutCertificates \
    --setParameter enableTestCommands=1 --setParameter diagnosticDataCollectionEnabled=false \
    --setParameter maxTransactionLockRequestTimeoutMillis=3000 \
    >"$data/mongo.out" 2>&1 || { tail -5 "$data/mongo.out" "$data/mongo.log" >&2; return 1; }
  python3 Scripts/mongo_initiate.py "$port" privata guarded right-password
}

start_redis() {
  local port=$1
  mkdir "$data/redis"
  cat >"$data/redis.conf" <<CONF
bind 127.0.0.1
port $port
dir $data/redis
unixsocket $data/redis.sock
daemonize yes
pidfile $data/redis.pid
logfile $data/redis.log
save ""
appendonly no
user guarded on >right-password ~* &* +@all
CONF
  redis-server "$data/redis.conf" >/dev/null
  local try
  for try in {1..100}; do
    [ -S "$data/redis.sock" ] && return
    sleep 0.05
  done
  tail -5 "$data/redis.log" >&2
  return 1
}

# MARK: State

# The process id in a file, if that process is alive and belongs to our data folder.
owned_process() {
  local pid
  pid=$(head -1 "$1" 2>/dev/null || true)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  # redis rewrites its command line, so its working folder is looked at too.
  { tr '\0' ' ' <"/proc/$pid/cmdline"; readlink "/proc/$pid/cwd"; } 2>/dev/null |
    grep -qF "$data" || return 1
  echo "$pid"
}

pid_file() {
  case $1 in
    postgres) echo "$data/postgres/data/postmaster.pid" ;;
    *) echo "$data/$1.pid" ;;
  esac
}

# Sets data and owned (names of the servers that this checkout started).
load_state() {
  data='' owned=''
  [ -f "$state" ] && . "$state"
  [ -n "$data" ]
}

status() {
  load_state || { say "not started"; return 1; }
  local name result=0
  for name in $owned; do
    if owned_process "$(pid_file "$name")" >/dev/null; then
      say "$name runs"
    else
      say "$name is down"
      result=1
    fi
  done
  return $result
}

stop() {
  load_state || return 0
  local name pid signal
  for name in $owned; do
    pid=$(owned_process "$(pid_file "$name")") || continue
    signal=TERM
    [ "$name" = postgres ] && signal=INT
    kill -$signal "$pid" 2>/dev/null || true
    for _ in {1..100}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -0 "$pid" 2>/dev/null && kill -KILL "$pid" 2>/dev/null || true
  done
  case $data in */privata-services.*) rm -rf "$data" ;; esac
  rm -f "$state" "$env_file"
  rmdir .services 2>/dev/null || true
  [ -z "$owned" ] || say "stopped"
}

# An own server's address, or what the caller had set.
write_env() {
  local file=$env_file.new
  {
    echo "# Written by Scripts/services.sh. Use:  . ./.services.env"
    printf 'export %s\n' "$@"
  } >"$file"
  mv "$file" "$env_file"
}

start() {
  if status >/dev/null && [ -f "$env_file" ]; then
    say "already running"
    grep export "$env_file"
    return
  fi
  stop
  local wanted=()
  [ -n "${PRIVATA_POSTGRES_URL:-}" ] || wanted+=(postgres)
  [ -n "${PRIVATA_MONGO_URL:-}" ] || wanted+=(mongo)
  [ -n "${PRIVATA_REDIS_URL:-}" ] || wanted+=(redis)
  if [ ${#wanted[@]} -gt 0 ]; then PRIVATA_SERVICES="${wanted[*]}" Scripts/bootstrap.sh services; fi

  make_data_folder
  mkdir -p .services
  printf 'data=%q owned=%q\n' "$data" "${wanted[*]-}" >"$state"
  make_certificates
  local ports name jobs=() failed=
  read -r -a ports <<<"$(free_ports 3)"
  local port_postgres=${ports[0]} port_mongo=${ports[1]} port_redis=${ports[2]}
  for name in ${wanted[@]+"${wanted[@]}"}; do
    local port=port_$name
    # The lock must not travel into a daemon, or no second start would ever get it.
    "start_$name" "${!port}" 9>&- &
    jobs+=("$!:$name")
  done
  for name in ${jobs[@]+"${jobs[@]}"}; do
    wait "${name%%:*}" || { say "${name##*:} did not start" >&2; failed=1; }
  done
  if [ -n "$failed" ]; then stop; return 1; fi
  export_addresses
  grep export "$env_file"
}

export_addresses() {
  local lines=() socket=${data//\//%2F}%2Fsocket at
  if [[ " ${wanted[*]-} " == *" postgres "* ]]; then
    at=127.0.0.1:$port_postgres/privata
    lines+=(
      "PRIVATA_POSTGRES_URL=postgres://privata@$at"
      "PRIVATA_POSTGRES_SOCKET_URL=postgres://privata@$socket:$port_postgres/privata"
      "PRIVATA_POSTGRES_PASSWORD_URL=postgres://guarded:right-password@$at"
      "PRIVATA_POSTGRES_TLS_URL=postgres://sealed@localhost:$port_postgres/privata"
    )
  else
    lines+=("PRIVATA_POSTGRES_URL=$PRIVATA_POSTGRES_URL")
  fi
  if [[ " ${wanted[*]-} " == *" mongo "* ]]; then
    at=127.0.0.1:$port_mongo
    lines+=(
      "PRIVATA_MONGO_URL=mongodb://$at/privata?replicaSet=privata"
      "PRIVATA_MONGO_PASSWORD_URL=mongodb://guarded:right-password@$at/admin?replicaSet=privata"
    )
  else
    lines+=("PRIVATA_MONGO_URL=$PRIVATA_MONGO_URL")
  fi
  if [[ " ${wanted[*]-} " == *" redis "* ]]; then
    at=127.0.0.1:$port_redis
    lines+=(
      "PRIVATA_REDIS_URL=redis://$at"
      "PRIVATA_REDIS_PASSWORD_URL=redis://guarded:right-password@$at"
    )
  else
    lines+=("PRIVATA_REDIS_URL=$PRIVATA_REDIS_URL")
  fi
  lines+=("PRIVATA_TLS_CA=$data/tls/ca.pem" "PRIVATA_TLS_OTHER_CA=$data/tls/other-ca.pem")
  write_env "${lines[@]}"
}

command=${1:-}
case $command in
  start | stop)
    mkdir -p .services
    exec 9>.services/lock
    flock -w 120 9 || { say "another start or stop holds .services/lock" >&2; exit 1; }
    "$command"
    ;;
  status) status ;;
  *)
    echo "usage: $0 start|stop|status" >&2
    exit 2
    ;;
esac
