#!/usr/bin/env bash
# Measures `treff serve` under load, next to `tantivy serve` (tantivy-cli) if there is an index for it. Prints a Markdown
# table: searches per second with 32 connections; processor time of the server per search, which depends least on what
# else the machine does; the median and 99th percentile of the latency at half that load;
# memory after the load; time from the start of the process until /readyz says that it is ready.
#
#   benches/serve.sh INDEX QUERIES.jsonl [TANTIVY_INDEX]
#
# Each line of QUERIES.jsonl is an object with the query as `q`. The searches ask for ten hits with snippets. Both
# servers run in turns. Environment variables:
#
#   TREFF=target/release/treff  the program
#   TANTIVY=tantivy             tantivy-cli (`cargo install tantivy-cli`)
#   SECONDS_EACH=10 TURNS=3     duration and number of measurements per server
#
# Needs wrk, curl and python3.
set -euo pipefail

[ $# -ge 2 ] || { echo "usage: benches/serve.sh INDEX QUERIES.jsonl [TANTIVY_INDEX]" >&2; exit 2; }
for program in wrk curl python3; do
  command -v "$program" >/dev/null || { echo "$program not found; install it (apt-get install $program)" >&2; exit 2; }
done
index=$1 queries=$2 peer_index=${3:-}
treff=${TREFF:-target/release/treff} tantivy=${TANTIVY:-tantivy}
seconds=${SECONDS_EACH:-10} turns=${TURNS:-3} connections=32
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# One request target per line.
targets() {
  python3 - "$queries" "$1" >"$work/targets" <<'PYTHON'
import json, sys, urllib.parse
for line in open(sys.argv[1], encoding="utf-8"):
    print(sys.argv[2] + urllib.parse.quote(json.loads(line)["q"]))
PYTHON
}

# Each thread of wrk sends the targets in order, from a place of its own. DELAY is the time in milliseconds that a
# connection waits between two requests.
cat >"$work/load.lua" <<'LUA'
local targets, threads = {}, 0
for line in io.lines(os.getenv("TARGETS")) do targets[#targets + 1] = line end
function setup(thread)
  thread:set("place", threads * math.floor(#targets / 2))
  threads = threads + 1
end
function request()
  place = place % #targets + 1
  return wrk.format("GET", targets[place])
end
local wait = tonumber(os.getenv("DELAY") or "0")
if wait > 0 then
  function delay() return math.random(0, 2 * wait) end
end
function done(summary, latency)
  io.stderr:write(string.format("%.1f %.3f %.3f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
LUA

# load PORT DELAY: prints searches per second, p50, p99 (milliseconds), and errors.
load() {
  TARGETS=$work/targets DELAY=$2 wrk -t 2 -c "$connections" -d "${seconds}s" -s "$work/load.lua" \
    "http://localhost:$1" 2>&1 >/dev/null | tail -1
}

# Processor time of the server in milliseconds.
cpu() { awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / ticks }' "/proc/$server/stat"; }

memory() { awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$server/status"; }

# measure NAME PORT READY_TARGET COMMAND…: one row of the table.
measure() {
  local name=$1 port=$2 ready=$3 start first rate half
  shift 3
  start=$(date +%s%N)
  "$@" >"$work/log" 2>&1 &
  server=$!
  until curl -sf -o "$work/ready" "http://localhost:$port$ready"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.002
  done
  local ready_ms=$((($(date +%s%N) - start) / 1000000))
  load "$port" 0 >"$work/warm-up"
  local before
  before=$(cpu)
  read -r rate _ _ errors < <(load "$port" 0)
  local per_search
  per_search=$(awk -v before="$before" -v after="$(cpu)" -v count="$(awk "BEGIN { print $rate * $seconds }")" \
    'BEGIN { printf "%.2f", (after - before) / count }')
  # 32 connections that wait this long on average make half the load.
  half=$(awk -v rate="$rate" -v connections="$connections" 'BEGIN { printf "%.0f", connections * 1000 / (rate / 2) }')
  read -r half_rate p50 p99 half_errors < <(load "$port" "$half")
  printf '| %s | %.0f | %s | %s | %s | %.0f | %s | %s | %s |\n' "$name" "$rate" "$per_search" "$p50" "$p99" "$half_rate" "$(memory)" \
    "$ready_ms" "$((errors + half_errors))"
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}

echo "| server | searches/s | CPU ms per search | p50 ms at half load | p99 ms | searches/s then | memory MB | ready after ms | errors |"
echo "|---|---|---|---|---|---|---|---|---|"
for _ in $(seq "$turns"); do
  targets "/api/v1/search?limit=10&q="
  measure treff 8791 /readyz "$treff" --index "$index" serve --port 8791
  if [ -n "$peer_index" ]; then
    targets "/api/?nhits=10&q="
    measure tantivy-cli 8792 "/api/?nhits=1&q=a" "$tantivy" serve -i "$peer_index" --host localhost -p 8792
  fi
done
