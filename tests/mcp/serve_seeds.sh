# Sourced by the scripts next to it: indexes the seeds in a temporary folder and serves them on a free port.
#
# Sets `folder` (removed at the end), `index`, `treff` (the first argument of the script, or target/release/treff) and
# `url`, the address of MCP over HTTP.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
treff=$(realpath "${1:-$repository/target/release/treff}")
folder=$(mktemp -d)
index=$folder/index
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

cp -r "$repository/seeds" "$folder/seeds"
"$treff" --index "$index" index "$folder/seeds"
"$treff" --index "$index" serve --port 0 2>"$folder/log" &
server=$!
url=
for _ in $(seq 100); do
  url=$(sed -n 's|.*at \(http://[0-9.:]*\)/$|\1/mcp|p' "$folder/log")
  [ -z "$url" ] || break
  kill -0 "$server" || { cat "$folder/log"; exit 1; }
  sleep 0.1
done
[ -n "$url" ] || { echo "the server did not start"; cat "$folder/log"; exit 1; }
