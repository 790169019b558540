#!/usr/bin/env bash
# What does treff cost beside plain tantivy, SQLite FTS5 and ripgrep? Prints one table in Markdown.
#
#   benches/beside.sh [PAGES.jsonl [QUERIES]]
#
# On each line of PAGES stand the title and text of a page as JSON, on each line of QUERIES a query with its class, as
# examples/beside_tantivy.rs has them. Without QUERIES they are those of the pages that benches/corpus makes up, and
# without PAGES these are measured themselves: 100,000, or as many as the variable PAGES says. Others:
#
#   TURNS=3      how often a build is measured, treff and the others by turns
#   TEN=10       so many times the pages that are made up are indexed too; 0 leaves that out
#   WORD, WORDS  what is asked from the shell, one word and three [default: drawn from the queries]
#   KEEP=FOLDER  where pages and indexes are written, and stay; else in a temporary folder that is removed
#
# Needs cargo, python3, and for a million pages 12 GB of room on a disk. What else is missing is left out and named.
set -euo pipefail

[ $# -le 2 ] || { echo "usage: benches/beside.sh [PAGES.jsonl [QUERIES]]" >&2; exit 2; }
command -v python3 >/dev/null || { echo "python3 is missing, which measures; install it (apt-get install python3)" >&2; exit 2; }
for file in "$@"; do
  [ -r "$file" ] || { echo "$file can't be read; name a file with a page or query on each line" >&2; exit 2; }
done
pages=${1:+$(realpath "$1")}
queries=${2:+$(realpath "$2")}
if [ -n "${KEEP:-}" ]; then
  mkdir -p "$KEEP"
  work=$(realpath "$KEEP")
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet --bin treff --example corpus --example beside_tantivy
python3 benches/beside.py "$(realpath "${CARGO_TARGET_DIR:-target}")/release" "$work" "$pages" "$queries"
