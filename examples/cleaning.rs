//! Measures precision and recall of cleaning on labeled pages.
//!
//! ```text
//! cargo run --release --example cleaning -- PATH…
//! ```
//!
//! Each path is a file or a folder, which is searched recursively. Two kinds of data are recognized by their names:
//!
//! - A folder with `gold.jsonl` and `html/`: each line of the file has the `id`, `url` and `gold` text (its content) of
//!   the page `html/ID.html`, and may have its `type`. Results are printed for all pages, and for those of each type.
//! - `*.lines.jsonl`: each line has the `id` and `url` of a page, and its lines as a text dump with menus (`T1`), as a
//!   dump that another tool has cleaned (`T2`), or both. Each line of a page is `[text, label, words]`, labeled C
//!   (content), B (boilerplate), M (mixed, not counted) or nothing (blank).
//!
//! Pages are cleaned together with the other pages of their host. Precision, recall and F1 count words (letters, digits
//! and `_`) and are means over the pages. "Lose" is the share of pages that lose more than 5 % or 20 % of their
//! content. "correctly dropped" is the share of boilerplate among all dropped words, and "removed" the share of a
//! page's boilerplate that is dropped (mean over the pages).

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use serde_json::Value;
use treff::clean::{self, PageFingerprint, ParsedPage, SiteTemplate};
use treff::model::{Document, Format, LineClass, Page, PageId, PageMetadata};
use walkdir::WalkDir;

/// Measure precision and recall of cleaning on labeled pages
#[derive(Parser)]
struct Args {
    /// Labeled pages: folders with gold.jsonl and html/, *.lines.jsonl, or folders that contain these
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Print the pages that lose more than 20 % of their content, and those with the lowest F1
    #[arg(long)]
    worst: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match args.paths.iter().try_for_each(|path| measure(path, args.worst)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn measure(path: &Path, worst: bool) -> Result<(), String> {
    let mut found = false;
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.file_name().to_string_lossy();
        if name == "gold.jsonl" {
            evaluate_html(entry.path(), worst)?;
        } else if name.ends_with(".lines.jsonl") {
            for form in ["T1", "T2"] {
                evaluate_lines(entry.path(), form, worst)?;
            }
        } else {
            continue;
        }
        found = true;
    }
    if found { Ok(()) } else { Err(format!("{}: no gold.jsonl or *.lines.jsonl found", path.display())) }
}

/// The result for one page.
#[derive(Clone)]
struct Score {
    id: String,
    precision: f64,
    recall: f64,
}

impl Score {
    fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}

fn evaluate_html(gold: &Path, worst: bool) -> Result<(), String> {
    let folder = gold.parent().unwrap_or(Path::new("")).join("html");
    let records = read_records(gold)?;
    let mut pages = Vec::new();
    for record in &records {
        let id = field_text(record, "id");
        let file = folder.join(format!("{id}.html"));
        let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        pages.push(page_from_record(record, Format::Html, String::from_utf8_lossy(&bytes).into_owned()));
    }
    let start = Instant::now();
    let documents = clean_pages(&pages);
    let speed = pages.len() as f64 / start.elapsed().as_secs_f64();
    let mut scores = Vec::new();
    let mut by_type: BTreeMap<&str, Vec<Score>> = BTreeMap::new();
    for (record, document) in records.iter().zip(&documents) {
        let gold = count_words(field_text(record, "gold"));
        let kept: Vec<&str> =
            document.lines.iter().filter(|line| line.class.is_kept()).map(|line| &*line.text).collect();
        let kept = count_words(&kept.join("\n"));
        let hits: usize = gold.iter().map(|(word, count)| (*count).min(kept.get(word).copied().unwrap_or(0))).sum();
        let (gold_words, kept_words): (usize, usize) = (gold.values().sum(), kept.values().sum());
        if gold_words > 0 {
            let share = |of: usize| if of > 0 { hits as f64 / of as f64 } else { 0.0 };
            let (precision, recall) = (share(kept_words), share(gold_words));
            let score = Score { id: field_text(record, "id").to_string(), precision, recall };
            let page_type = field_text(record, "type");
            if !page_type.is_empty() {
                by_type.entry(page_type).or_default().push(score.clone());
            }
            scores.push(score);
        }
    }
    print_report(&format!("{} as HTML", gold.display()), &scores, &format!("{speed:.0} pages/s"), worst);
    for (page_type, scores) in &by_type {
        print_report(&format!("  {page_type}"), scores, "", false);
    }
    Ok(())
}

fn evaluate_lines(file: &Path, form: &str, worst: bool) -> Result<(), String> {
    let has_lines = |record: &Value| record[form].as_array().is_some_and(|lines| !lines.is_empty());
    let records: Vec<Value> = read_records(file)?.into_iter().filter(has_lines).collect();
    let rows = |record: &Value| -> Vec<(String, String, usize)> {
        let rows = record[form].as_array().into_iter().flatten();
        let row = |row: &Value| {
            let words = row[2].as_u64().unwrap_or(0) as usize;
            (row[0].as_str().unwrap_or("").to_string(), row[1].as_str().unwrap_or("").to_string(), words)
        };
        rows.map(row).collect()
    };
    let pages: Vec<Page> = records
        .iter()
        .map(|record| {
            let texts: Vec<String> = rows(record).into_iter().map(|(text, ..)| text).collect();
            page_from_record(record, Format::Text, texts.join("\n") + "\n")
        })
        .collect();
    let documents = clean_pages(&pages);
    let (mut scores, mut correctly_dropped, mut dropped, mut removed) = (Vec::new(), 0, 0, Vec::new());
    for (record, document) in records.iter().zip(&documents) {
        let rows = rows(record);
        let id = field_text(record, "id").to_string();
        if rows.is_empty() {
            continue;
        }
        if rows.len() != document.lines.len() {
            return Err(format!(
                "{}: {id} has {} lines but was parsed as {}",
                file.display(),
                rows.len(),
                document.lines.len()
            ));
        }
        let sum = |label: &str, kept: &dyn Fn(LineClass) -> bool| -> usize {
            let both = rows.iter().zip(&document.lines);
            both.filter(|(row, line)| row.1 == label && kept(line.class)).map(|(row, _)| row.2).sum()
        };
        let (content, content_kept) = (sum("C", &|_| true), sum("C", &LineClass::is_kept));
        let (boilerplate, boilerplate_kept) = (sum("B", &|_| true), sum("B", &LineClass::is_kept));
        correctly_dropped += boilerplate - boilerplate_kept;
        dropped += boilerplate - boilerplate_kept + content - content_kept;
        if boilerplate > 0 {
            removed.push(1.0 - boilerplate_kept as f64 / boilerplate as f64);
        }
        if content > 0 {
            let kept = (content_kept + boilerplate_kept).max(1);
            let (precision, recall) = (content_kept as f64 / kept as f64, content_kept as f64 / content as f64);
            scores.push(Score { id, precision, recall });
        }
    }
    let correct = correctly_dropped as f64 / dropped.max(1) as f64;
    let removed = removed.iter().sum::<f64>() / removed.len().max(1) as f64;
    print_report(
        &format!("{} {form}", file.display()),
        &scores,
        &format!("correctly dropped {correct:.3}  removed {removed:.3}"),
        worst,
    );
    Ok(())
}

fn print_report(name: &str, scores: &[Score], more: &str, worst: bool) {
    let mean = |of: &dyn Fn(&Score) -> f64| scores.iter().map(of).sum::<f64>() / scores.len().max(1) as f64;
    let loses = |share: f64| mean(&|score| f64::from(u8::from(score.recall < 1.0 - share)));
    println!("{name}: {} pages", scores.len());
    println!(
        "  F1 {:.3}  precision {:.3}  recall {:.3}  lose > 5 % {:.3}  lose > 20 % {:.3}  {more}",
        mean(&Score::f1),
        mean(&|score| score.precision),
        mean(&|score| score.recall),
        loses(0.05),
        loses(0.20),
    );
    if worst {
        let mut scores: Vec<&Score> = scores.iter().collect();
        scores.sort_by(|one, other| one.f1().total_cmp(&other.f1()));
        for score in scores.iter().take(25) {
            println!("    {:.3}  P {:.3}  R {:.3}  {}", score.f1(), score.precision, score.recall, score.id);
        }
        for score in scores.iter().skip(25).filter(|score| score.recall < 0.8) {
            println!("    {:.3}  P {:.3}  R {:.3}  {}", score.f1(), score.precision, score.recall, score.id);
        }
    }
}

/// Cleans each page together with the other pages of its host, as indexing does.
fn clean_pages(pages: &[Page]) -> Vec<Document> {
    let parsed: Vec<ParsedPage> = pages.iter().map(clean::parse).collect();
    let mut sites: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, page) in parsed.iter().enumerate() {
        sites.entry(page.metadata.url.as_deref().and_then(clean::host).unwrap_or_default()).or_default().push(index);
    }
    let mut templates = HashMap::new();
    for members in sites.values() {
        let fingerprints: Vec<PageFingerprint> =
            members.iter().map(|member| PageFingerprint::of(&parsed[*member].lines)).collect();
        let template = std::rc::Rc::new(SiteTemplate::of(&fingerprints.iter().collect::<Vec<_>>()));
        templates.extend(members.iter().map(|member| (*member, template.clone())));
    }
    parsed.into_iter().enumerate().map(|(index, page)| clean::clean(page, &templates[&index])).collect()
}

fn page_from_record(record: &Value, format: Format, content: String) -> Page {
    Page {
        id: PageId { path: field_text(record, "id").to_string(), record: None },
        index_in_file: 0,
        line: None,
        format,
        text: content,
        metadata: PageMetadata {
            url: Some(field_text(record, "url").to_string()).filter(|url| !url.is_empty()),
            ..PageMetadata::default()
        },
        note: None,
    }
}

fn count_words(text: &str) -> HashMap<String, usize> {
    let lower = text.to_lowercase();
    let mut counts = HashMap::new();
    for word in lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()) {
        *counts.entry(word.to_string()).or_default() += 1;
    }
    counts
}

fn read_records(file: &Path) -> Result<Vec<Value>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let record = |(number, line)| {
        serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", file.display(), number + 1))
    };
    text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()).map(record).collect()
}

fn field_text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or("")
}
