#!/usr/bin/env bash
# Sends generated requests to `treff serve` on the seeds and compares the answers with its OpenAPI description.
#
#   tests/api/schemathesis.sh [TREFF] [EXAMPLES]
#
# TREFF is the program to test (default: target/release/treff), EXAMPLES the number of requests per operation and phase
# (default: 200). Installs schemathesis from PyPI into a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/../.."

treff=${1:-target/release/treff}
examples=${2:-200}
temp=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$temp"' EXIT

python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install --quiet 'schemathesis>=4,<5'

"$treff" --index "$temp/index" index seeds
"$treff" --index "$temp/index" serve --port 0 2>"$temp/log" &
server=$!
for _ in $(seq 100); do
  url=$(grep -o 'http://[0-9.:]*' "$temp/log" || true)
  [ -n "$url" ] && break
  sleep 0.1
done
[ -n "$url" ] || { cat "$temp/log"; echo "the server did not start"; exit 1; }

# Valid parameters may still be refused: offset + limit has a maximum, a query may have nothing to search for, and the
# target has a maximum length in bytes.
cat >"$temp/schemathesis.toml" <<'TOML'
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 409, 414]
[checks.negative_data_rejection]
expected-statuses = [400, 404, 405, 414]
TOML

# It writes a cache into the current folder.
cd "$temp"
"$temp/venv/bin/schemathesis" --config-file "$temp/schemathesis.toml" run "$url/api/v1/openapi.json" \
  --url "$url" --max-examples "$examples" --checks all --phases examples,coverage,fuzzing --no-color

kill -0 "$server" || { cat "$temp/log"; echo "the server ended"; exit 1; }
if grep -i panic "$temp/log"; then exit 1; fi
