#!/usr/bin/env bash
# Compares the cost of treff with that of plain tantivy, SQLite FTS5 and ripgrep. Prints one Markdown table.
#
#   benches/beside.sh [PAGES.jsonl [QUERIES]]
#
# Each line of PAGES.jsonl is a page as JSON with title and text, each line of QUERIES a query with its class, in the formats
# of examples/beside_tantivy.rs. Without QUERIES, the queries are drawn from the pages that benches/corpus generates;
# without PAGES.jsonl, the generated pages are also the ones that are measured. Environment variables:
#
#   PAGES=100000 number of pages to generate
#   TURNS=3      number of builds per engine; engines alternate
#   SCALE=10     number of pages of the larger index, as a multiple of PAGES; 0 skips that measurement
#   WORD, WORDS  queries of one and three words for the shell [default: taken from the queries]
#   KEEP=FOLDER  keeps pages and indexes there [default: a temporary folder that is removed]
#
# Needs cargo, python3, and 12 GB of disk space for a million pages. Measurements whose program is missing are skipped,
# with a note.
set -euo pipefail

[ $# -le 2 ] || { echo "usage: benches/beside.sh [PAGES.jsonl [QUERIES]]" >&2; exit 2; }
command -v python3 >/dev/null || { echo "python3 not found; it runs the measurements, so install it (apt-get install python3)" >&2; exit 2; }
for file in "$@"; do
  [ -r "$file" ] || { echo "cannot read $file; pass a file with one page or query per line" >&2; exit 2; }
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
