#!/bin/bash
# Checks the search page in Chromium with axe-core: accessibility, keyboard, reflow, print. Screenshots are written to
# FOLDER. Installs Debian's chromium if there is none (as root), and playwright-core and axe-core from npm in a temporary
# folder. Needs Node 20 or later.
#
# usage: tests/browser/run.sh FOLDER [TREFF]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath -m "${1:?usage: tests/browser/run.sh FOLDER [TREFF]}")
treff=$(realpath -m "${2:-target/release/treff}")
mkdir -p "$folder"
[ -x "$treff" ] || cargo build --release --locked

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-liberation
    browser=$(command -v chromium)
fi

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
npm install --prefix "$work" --no-fund --no-audit --silent playwright-core@1 axe-core@4

cp -r seeds "$work/seeds"
(cd "$work" && "$treff" index seeds)
cd "$work"
"$treff" serve --port 0 2>"$work/log" &
server=$!
for _ in $(seq 100); do
    url=$(sed -n 's/.* at \(http:[^ ]*\)\/$/\1/p' "$work/log")
    [ -n "$url" ] && break
    sleep 0.1
done
node "$OLDPWD/tests/browser/check.mjs" "${url:?the server did not start: $(cat "$work/log")}" "$browser" "$folder"
