#!/usr/bin/env bash
# Measures ranking quality: indexes NorQuAD and NorSumm in a temporary folder, runs their queries, and prints a table.
#
#   benches/retrieval.sh DATA [RUNS]
#
# DATA contains corpus/ (norquad.passages.jsonl, norquad.docs.jsonl, norsumm.docs.jsonl, distractors.passages.jsonl.zst
# and distractors.docs.jsonl.zst, which zstd unpacks) and dev/ (queries and TREC qrels). The rankings are written to the
# folder RUNS as TREC runs, for other tools and for `treff eval --baseline`. The environment variable TREFF names
# another treff binary to measure.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: benches/retrieval.sh DATA [RUNS]" >&2; exit 2; }
data=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=${2:-$work/runs}
mkdir -p "$runs"
runs=$(cd "$runs" && pwd)
repository=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${TREFF:-}" ]; then
  (cd "$repository" && cargo build --release --locked --quiet)
  TREFF=$(cd "$repository" && realpath "${CARGO_TARGET_DIR:-target}/release/treff")
fi
command -v zstd >/dev/null || { echo "zstd not found; it is needed to unpack the distractors (apt-get install zstd)" >&2; exit 2; }

failed() { cat "$1" >&2; exit 2; }

# index NAME FILE…: builds an index of these files, unpacking .zst files first.
index() {
  local name=$1 file files=()
  shift
  mkdir -p "$work/$name"
  for file in "$@"; do
    case $file in
      *.zst) zstd -qdc "$data/corpus/$file" >"$work/$name/${file%.zst}"; files+=("$work/$name/${file%.zst}") ;;
      *) files+=("$data/corpus/$file") ;;
    esac
  done
  "$TREFF" --index "$work/$name/index" index "${files[@]}" 2>"$work/$name/log" | tail -n 1 || failed "$work/$name/log"
}

# row NAME LABEL QUERIES QRELS: prints a line of the table.
row() {
  "$TREFF" --index "$work/$1/index" eval --queries "$data/dev/$3" --qrels "$data/dev/$4" \
    --run "$runs/$1.${3%.tsv}.trec" >"$work/result" 2>>"$work/log" || failed "$work/log"
  awk -v label="$2" '
    NR == 1 { queries = $1 }
    $1 == "treff" { printf "%7s %8s %8s %8s %10s %11s  %s\n", queries, $2, $3, $4, $5, $6, label }' "$work/result"
}

index norquad norquad.passages.jsonl distractors.passages.jsonl.zst
index articles norquad.docs.jsonl norsumm.docs.jsonl distractors.docs.jsonl.zst
index norsumm norsumm.docs.jsonl
echo
printf '%7s %8s %8s %8s %10s %11s\n' queries nDCG@10 MRR@10 P@1 Recall@10 Recall@100
row norquad "NorQuAD, passages: questions" norquad.queries.tsv norquad.qrels.passage.tsv
for form in kw:"keywords" kw2:"two rarest words" infl:"other inflections" split:"split compounds" nn:"in Nynorsk"; do
  row norquad "NorQuAD, passages: ${form#*:}" "norquad.queries.${form%%:*}.tsv" norquad.qrels.passage.tsv
done
row articles "NorQuAD, articles: questions" norquad.queries.tsv norquad.qrels.doc.tsv
row articles "NorSumm, among all articles: Nynorsk" norsumm.queries.nn.tsv norsumm.qrels.nn.tsv
row articles "NorSumm, among all articles: Bokmål" norsumm.queries.nb.tsv norsumm.qrels.nb.tsv
row norsumm "NorSumm, alone: Nynorsk" norsumm.queries.nn.tsv norsumm.qrels.nn.tsv
row norsumm "NorSumm, alone: Bokmål" norsumm.queries.nb.tsv norsumm.qrels.nb.tsv
# Messages of `treff eval`, such as judged documents that are not in the index.
[ ! -s "$work/log" ] || sort "$work/log" | uniq -c >&2
