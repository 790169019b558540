#!/usr/bin/env bash
# Compares cleaning with rs-trafilatura, trafilatura and readability-lxml, and prints a Markdown table by page type.
#
#   benches/cleaning.sh DATA…
#
# Each DATA is a folder with gold.jsonl and html/ (see examples/cleaning.rs). The other tools are installed from
# crates.io and PyPI in a temporary folder; one that can't be installed is left out, with a message. Precision, recall
# and F1 count words, as in examples/cleaning.rs. All tools read the same decoded pages; treff also counts the lines
# that the pages of a host share, as it does when it indexes them. If the environment variable PEERS names a folder, the
# other tools are installed there, and the folder is kept.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: benches/cleaning.sh DATA…" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
peers=${PEERS:-$work/peers}
repository=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$peers/rust/src"

if [ ! -x "$peers/rust/target/release/peers" ]; then
  cat >"$peers/rust/Cargo.toml" <<'TOML'
[package]
name = "peers"
version = "0.0.0"
edition = "2021"
[dependencies]
rs-trafilatura = "0.2"
[workspace]
TOML
  cat >"$peers/rust/src/main.rs" <<'RUST'
//! Writes the content that rs-trafilatura finds in each HTML file of a folder to a text file in another folder.
fn main() {
    let args: Vec<String> = std::env::args().collect();
    for entry in std::fs::read_dir(&args[1]).expect("the folder with the pages can't be read") {
        let path = entry.expect("the folder with the pages can't be read").path();
        let html = String::from_utf8_lossy(&std::fs::read(&path).expect("a page can't be read")).into_owned();
        let text = rs_trafilatura::extract(&html).map(|result| result.content_text).unwrap_or_default();
        let name = format!("{}.txt", path.file_stem().unwrap_or_default().to_string_lossy());
        std::fs::write(std::path::Path::new(&args[2]).join(name), text).expect("the text can't be written");
    }
}
RUST
  (cd "$peers/rust" && cargo build --release --quiet) || echo "rs-trafilatura can't be built, so it is left out" >&2
fi
if [ ! -d "$peers/python" ]; then
  python3 -m venv "$peers/python"
  for package in lxml lxml_html_clean trafilatura readability-lxml; do
    "$peers/python/bin/pip" install --quiet "$package" || echo "$package can't be installed, so it is left out" >&2
  done
fi

for data in "$@"; do
  (cd "$repository" && cargo run --release --locked --quiet --example cleaning -- "$data") >"$work/treff.txt"
  mkdir -p "$work/rs"
  if [ -x "$peers/rust/target/release/peers" ]; then
    "$peers/rust/target/release/peers" "$data/html" "$work/rs" 2>/dev/null || echo "rs-trafilatura failed on $data" >&2
  fi
  "$peers/python/bin/python" - "$data" "$work/treff.txt" "$work/rs" <<'PYTHON'
import collections, json, logging, pathlib, re, sys

data, treff, rust = map(pathlib.Path, sys.argv[1:])
logging.disable(logging.CRITICAL)


def words(text):
    return collections.Counter(re.findall(r"\w+", text.lower()))


def from_rust(html, page):
    return (rust / f"{page}.txt").read_text()


tools = {}
if any(rust.iterdir()):
    tools["rs-trafilatura"] = from_rust
try:
    import trafilatura

    tools["trafilatura"] = lambda html, page: trafilatura.extract(html) or ""
except ImportError:
    pass
try:
    import lxml.html
    import readability

    def by_readability(html, page):
        return lxml.html.fromstring(readability.Document(html).summary()).text_content()

    tools["readability-lxml"] = by_readability
except ImportError:
    pass

# The results of treff: a line with the name and the number of pages, and one with the figures.
rows, name = {}, None
for line in treff.read_text().splitlines():
    if found := re.fullmatch(r"(.*): (\d+) pages", line.strip()):
        name, pages = ("all" if found[1].endswith("as HTML") else found[1]), found[2]
    elif found := re.search(r"F1 (\S+).*recall (\S+).*lose > 20 % (\S+)", line):
        rows[name] = [pages, " ".join(found.groups())]

for extract in tools.values():
    scores = collections.defaultdict(list)
    for line in (data / "gold.jsonl").read_text().split("\n"):
        if not line.strip():
            continue
        record = json.loads(line)
        gold = words(record["gold"])
        if not gold:
            continue
        html = (data / "html" / f"{record['id']}.html").read_bytes().decode("utf-8", "replace")
        try:
            kept = words(extract(html, record["id"]))
        except Exception:  # A tool that fails on a page finds nothing in it.
            kept = words("")
        hits = (gold & kept).total()
        precision, recall = hits / max(kept.total(), 1), hits / gold.total()
        f1 = 2 * precision * recall / (precision + recall) if hits else 0
        for group in {"all", record.get("type", "all")}:
            scores[group].append((f1, recall, recall < 0.8))
    for group, results in scores.items():
        mean = (f"{sum(column) / len(results):.3f}" for column in zip(*results))
        rows[group].append(" ".join(mean))

print(f"\n{data.name}: F1, recall, share of pages that lose more than a fifth of their content\n")
print("| pages | number | treff |" + "".join(f" {tool} |" for tool in tools))
print("|---|---|---|" + "---|" * len(tools))
for group, cells in rows.items():
    print(f"| {group} | " + " | ".join(cell.replace(" ", ", ") for cell in cells) + " |")
PYTHON
  rm -rf "$work/rs"
done
