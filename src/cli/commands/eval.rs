//! `treff eval`: measures how well an index answers queries with known relevant documents.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::json;
use treff::error::Error;
use treff::eval::{self, Grades, JudgedPlaces, JudgedQuery, Judgments, MEASURES, Measures, PlaceFinder};
use treff::index::Index;
use treff::query::{self, Synonyms};
use treff::search;

use crate::cli::globals::Globals;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{format_count, print, printable, say};
use treff::service::load_synonyms;

/// Measure how well this index answers queries with known relevant documents
///
/// Prints nDCG@10 (the grade is the gain, as in trec_eval), MRR@10, the share of queries whose first document is
/// relevant (P@1), Recall@10 and Recall@100. A judged document is a page, named by its URL, by the id of its record in
/// a .jsonl file, by a path or the end of one, or by path#record; or it is a line of a page (path:line), which
/// counts as found if a hit covers it. A page counts once, at the rank of its best passage. Judged documents that are not in
/// the index are reported and count as not found.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  treff eval --queries queries.tsv --qrels qrels.tsv --run treff.trec\n  treff eval --queries queries.jsonl --qrels qrels/test.tsv --baseline before.trec\n  treff eval --judged my-queries.tsv -v\n\n\
    Lines of my-queries.tsv, with tabs between query, relevant places and note:\n  taushetsplikt\treport.txt:34, law.html\ta note\n  horoskop\t-\tmust find nothing"
)]
pub struct Args {
    /// Queries: lines with an id, a tab and the query; BEIR's queries.jsonl; or TREC topics
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "qrels")]
    queries: Option<PathBuf>,
    /// Judgments: TREC qrels (lines `query 0 document grade`), or BEIR's qrels/*.tsv
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "queries")]
    qrels: Option<PathBuf>,
    /// Your own queries and judgments in one file: lines with the query, a tab, and the relevant pages or page:line (-
    /// for none)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["queries", "qrels"])]
    judged: Option<PathBuf>,
    /// Write the ranking to this file as a TREC run
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    run: Option<PathBuf>,
    /// Compare with this TREC run of the same queries, by Fisher's randomization test (two-sided)
    #[arg(long, value_name = "RUN", value_hint = clap::ValueHint::FilePath)]
    baseline: Option<PathBuf>,
    /// Number of documents to rank for each query
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    depth: u32,
    /// Print each query with the rank of its first relevant document
    #[arg(short, long)]
    verbose: bool,
    /// Print a JSON object; with -v, preceded by one for each query
    #[arg(long)]
    json: bool,
    /// Add synonyms from this file to the built-in ones
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    synonyms: Option<PathBuf>,
}

/// Maximum number of queries or documents to name in a warning. All of them are counted.
const MAX_NAMED: usize = 5;

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let task = load_task(&args)?;
    let baseline = match &args.baseline {
        Some(path) => Some(eval::parse_trec_run(&read(path)?, &name(path))?),
        None => None,
    };
    let synonyms = load_synonyms(&globals.index, args.synonyms.as_deref())?;
    let index = open_index(globals)?;
    let rankings = rank_queries(&index, &task, &synonyms, args.depth as usize)?;
    let hit_counts = count_hits(&index, &task.without_answer, &synonyms, args.depth as usize)?;
    if let Some(path) = &args.run {
        let lines = |(query, ranking): (&JudgedQuery, &Vec<String>)| eval::trec_run(&query.id, ranking);
        let run: String = task.queries.iter().zip(&rankings).map(lines).collect();
        std::fs::write(path, run).map_err(Error::io(path, "write"))?;
    }
    let answer = |(query, ranking): (_, &Vec<String>)| {
        let grades = task.grades(query);
        let baseline = baseline.as_ref().map(|run| run.get(&query.id).map(|list| eval::measure(list, grades)));
        Answer {
            query,
            rank: eval::first_relevant(ranking, grades),
            measures: eval::measure(ranking, grades),
            baseline: baseline.map(Option::unwrap_or_default),
        }
    };
    let evaluation = Evaluation {
        answers: task.queries.iter().zip(&rankings).map(answer).collect(),
        without_answer: task.without_answer.iter().zip(hit_counts).collect(),
        baseline: args.baseline.as_deref().map(name),
    };
    if let (Some(run), Some(name)) = (&baseline, &evaluation.baseline) {
        let missing = task.queries.iter().filter(|query| !run.contains_key(&query.id)).map(|query| query.id.as_str());
        warn_about(missing.collect(), "query", &format!("missing from {name}, counted as 0 there"));
    }
    print(|out| {
        if args.json { print_json(out, &evaluation, args.verbose) } else { print_table(out, &evaluation, args.verbose) }
    })?;
    Ok(Outcome::Success)
}

/// Queries and their judgments.
struct Task {
    /// Every query has judgments.
    queries: Vec<JudgedQuery>,
    judgments: Judgments,
    /// The queries that must find nothing.
    without_answer: Vec<JudgedQuery>,
}

impl Task {
    fn grades(&self, query: &JudgedQuery) -> &Grades {
        &self.judgments[&query.id]
    }
}

/// Reads queries and judgments.
fn load_task(args: &Args) -> Result<Task> {
    if let Some(path) = &args.judged {
        return load_own_judgments(path);
    }
    match (&args.queries, &args.qrels) {
        (Some(queries), Some(qrels)) => load_queries_and_qrels(queries, qrels),
        _ => Err(Failure::usage("nothing to evaluate; pass --queries and --qrels, or --judged")),
    }
}

fn load_own_judgments(path: &Path) -> Result<Task> {
    let own = eval::parse_own_judgments(&read(path)?, &name(path))?;
    if own.queries.is_empty() && own.without_answer.is_empty() {
        let reason = "no queries; each line must have a query, a tab, and the relevant page or page:line";
        return Err(Error::input_file(name(path), None, reason).into());
    }
    Ok(Task { queries: own.queries, judgments: own.judgments, without_answer: own.without_answer })
}

/// Keeps the queries that have a relevant document, and warns about queries and judgments without a counterpart.
fn load_queries_and_qrels(queries_path: &Path, qrels_path: &Path) -> Result<Task> {
    let mut queries = eval::parse_queries(&read(queries_path)?, &name(queries_path))?;
    let mut judgments = eval::parse_qrels(&read(qrels_path)?, &name(qrels_path))?;
    // Without a relevant document there is nothing to measure.
    judgments.retain(|_, grades| grades.values().any(|grade| *grade > 0));
    let mut without_query: BTreeSet<&str> = judgments.keys().map(String::as_str).collect();
    queries.iter().for_each(|query| {
        without_query.remove(query.id.as_str());
    });
    let missing = format!("missing from {}", name(queries_path));
    warn_about(without_query.into_iter().collect(), "judged query", &missing);
    let unjudged = queries.iter().filter(|query| !judgments.contains_key(&query.id)).map(|query| query.id.as_str());
    warn_about(unjudged.collect(), "query", "without a relevant document in the judgments, skipped");
    queries.retain(|query| judgments.contains_key(&query.id));
    if queries.is_empty() {
        let reason = format!("none of its queries is judged in {}; check that both use the same ids", name(qrels_path));
        return Err(Error::input_file(name(queries_path), None, reason).into());
    }
    Ok(Task { queries, judgments, without_answer: Vec::new() })
}

fn read(path: &Path) -> treff::error::Result<String> {
    let bytes = std::fs::read(path).map_err(Error::io(path, "read"))?;
    String::from_utf8(bytes).map_err(|_| Error::not_utf8(path.display()))
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The ranking of each query of the task, in the same order.
fn rank_queries(index: &Index, task: &Task, synonyms: &Synonyms, depth: usize) -> Result<Vec<Vec<String>>> {
    let places = find_places(index, task)?;
    let rank = |query: &JudgedQuery| rank_documents(index, &places, query, task.grades(query), synonyms, depth);
    task.queries.par_iter().map(rank).collect::<Result<_>>()
}

/// The number of passages that each query finds, at most `depth`.
fn count_hits(index: &Index, queries: &[JudgedQuery], synonyms: &Synonyms, depth: usize) -> Result<Vec<usize>> {
    let count = |query: &JudgedQuery| {
        let query = parse_like_search(index, &query.text, synonyms)?;
        Ok(search::top_passages(index, &query, depth)?.len())
    };
    queries.par_iter().map(count).collect::<Result<_>>()
}

/// Finds the judged documents in the index, and warns about missing and ambiguous ones.
fn find_places(index: &Index, task: &Task) -> Result<JudgedPlaces> {
    let judged = task.queries.iter().flat_map(|query| task.grades(query).keys().cloned());
    let mut finder = PlaceFinder::new(judged.collect());
    index.for_each_stored(|address, stored| {
        let path = index.base.resolve(&stored.page.path);
        finder.add(address, stored, &path.to_string_lossy(), &index.base.show(&stored.page.path));
    })?;
    let places = finder.finish();
    let is_relevant =
        |id: &&str| task.queries.iter().any(|query| task.grades(query).get(*id).is_some_and(|grade| *grade > 0));
    let missing = places.missing().into_iter().filter(is_relevant);
    warn_about(missing.collect(), "judged document", "not in the index, counted as not found");
    warn_about(places.ambiguous(), "judged document", "matching several pages, each of which counts");
    Ok(places)
}

/// Warns on standard error: "2 judged documents not in the index, counted as not found: a, b". Prints nothing if there
/// are no names.
fn warn_about(names: Vec<&str>, noun: &str, problem: &str) {
    if names.is_empty() {
        return;
    }
    let more = if names.len() > MAX_NAMED { ", …" } else { "" };
    let named = names[..names.len().min(MAX_NAMED)].join(", ");
    say(&format!("{} {problem}: {named}{more}", format_count(names.len() as u64, noun)));
}

/// The documents that answer a query, best first, at most `depth`.
fn rank_documents(
    index: &Index,
    places: &JudgedPlaces,
    query: &JudgedQuery,
    grades: &Grades,
    synonyms: &Synonyms,
    depth: usize,
) -> Result<Vec<String>> {
    let query = parse_like_search(index, &query.text, synonyms)?;
    // Several passages may belong to one page, so request more of them until there are enough pages.
    let mut limit = depth * 4;
    loop {
        let passages = search::top_passages(index, &query, limit)?;
        let documents = places.documents(&passages, grades, depth);
        if documents.len() == depth || passages.len() < limit {
            return Ok(documents);
        }
        limit *= 4;
    }
}

/// Parses a query as `treff search` does, with missing `æøå` restored.
fn parse_like_search(index: &Index, text: &str, synonyms: &Synonyms) -> Result<query::Query> {
    let query = query::parse(text, synonyms);
    Ok(search::respell_query(index, &query)?.map_or(query, |text| query::parse(&text, synonyms)))
}

/// How all queries were answered.
struct Evaluation<'a> {
    answers: Vec<Answer<'a>>,
    /// The queries that must find nothing, each with the number of passages it found.
    without_answer: Vec<(&'a JudgedQuery, usize)>,
    /// The name of the run to compare with.
    baseline: Option<String>,
}

/// How one query was answered.
struct Answer<'a> {
    query: &'a JudgedQuery,
    /// The rank of the first relevant document.
    rank: Option<usize>,
    measures: Measures,
    /// The measures of the run to compare with.
    baseline: Option<Measures>,
}

impl Evaluation<'_> {
    fn means(&self) -> Measures {
        eval::mean(&self.answers.iter().map(|answer| answer.measures).collect::<Vec<_>>())
    }

    /// The number of queries that must find nothing and did.
    fn count_found_nothing(&self) -> usize {
        self.without_answer.iter().filter(|(_, hits)| *hits == 0).count()
    }

    /// Compares with the baseline. `None` if there is no baseline.
    fn comparison(&self) -> Option<Comparison> {
        let baseline: Vec<Measures> = self.answers.iter().filter_map(|answer| answer.baseline).collect();
        let differences = |measure: usize| -> Vec<f64> {
            let pairs = self.answers.iter().zip(&baseline);
            pairs.map(|(answer, other)| answer.measures[measure] - other[measure]).collect()
        };
        let count =
            |measure: usize, sign: f64| differences(measure).iter().filter(|value| **value * sign > 0.0).count();
        self.baseline.as_ref().map(|name| Comparison {
            name: name.clone(),
            means: eval::mean(&baseline),
            p_values: std::array::from_fn(|measure| eval::randomization_test(&differences(measure))),
            better: std::array::from_fn(|measure| count(measure, 1.0)),
            worse: std::array::from_fn(|measure| count(measure, -1.0)),
        })
    }
}

/// The comparison with a baseline, measure by measure.
struct Comparison {
    name: String,
    /// The means of the baseline.
    means: Measures,
    /// The p-values of the randomization test.
    p_values: Measures,
    /// The number of queries that are answered better than by the baseline.
    better: [usize; MEASURES.len()],
    worse: [usize; MEASURES.len()],
}

fn print_table(out: &mut dyn Write, evaluation: &Evaluation, is_verbose: bool) -> std::io::Result<()> {
    if is_verbose {
        print_queries(out, evaluation)?;
    }
    if !evaluation.answers.is_empty() {
        print_measures(out, evaluation)?;
    }
    if !evaluation.without_answer.is_empty() {
        let all = format_count(evaluation.without_answer.len() as u64, "query");
        writeln!(
            out,
            "{} of {all} without relevant documents found nothing, as expected",
            evaluation.count_found_nothing()
        )?;
    }
    Ok(())
}

/// Prints a row for this index and, with a baseline, rows for the comparison.
fn print_measures(out: &mut dyn Write, evaluation: &Evaluation) -> std::io::Result<()> {
    let comparison = evaluation.comparison();
    let width = comparison.as_ref().map_or(0, |comparison| comparison.name.chars().count()).max(ROW_NAME_WIDTH);
    let mut row =
        |name: &str, values: [String; MEASURES.len()]| writeln!(out, "{:<width$} {}", printable(name), columns(values));
    let means = evaluation.means();
    row(&format_count(evaluation.answers.len() as u64, "query"), MEASURES.map(str::to_string))?;
    row("treff", means.map(format_measure))?;
    if let Some(comparison) = &comparison {
        let differences: Measures = std::array::from_fn(|measure| means[measure] - comparison.means[measure]);
        row(&comparison.name, comparison.means.map(format_measure))?;
        row("difference", differences.map(|difference| format!("{difference:+.4}")))?;
        row("p (randomization test)", comparison.p_values.map(format_measure))?;
        row("queries better", comparison.better.map(|number| number.to_string()))?;
        row("queries worse", comparison.worse.map(|number| number.to_string()))?;
    }
    Ok(())
}

/// Prints a row for each query, and an empty line.
fn print_queries(out: &mut dyn Write, evaluation: &Evaluation) -> std::io::Result<()> {
    if !evaluation.answers.is_empty() {
        let change = if evaluation.baseline.is_some() { "    change" } else { "" };
        writeln!(out, "rank {}{change}  id  query", columns(MEASURES.map(str::to_string)))?;
    }
    for Answer { query, rank, measures, baseline } in &evaluation.answers {
        let rank = rank.map_or("-".to_string(), |rank| rank.to_string());
        // The change of nDCG@10.
        let change = baseline.map_or(String::new(), |baseline| format!(" {:>+9.4}", measures[0] - baseline[0]));
        let query = format!("{}  {}", printable(&query.id), printable(&query.text));
        writeln!(out, "{rank:>4} {}{change}  {query}", columns(measures.map(format_measure)))?;
    }
    for (query, hits) in &evaluation.without_answer {
        let found = if *hits == 0 { "nothing".to_string() } else { format_count(*hits as u64, "passage") };
        writeln!(out, "found {found}  {}  {}", printable(&query.id), printable(&query.text))?;
    }
    writeln!(out)
}

/// The minimum width of the column of row names.
const ROW_NAME_WIDTH: usize = 24;

fn columns(values: [String; MEASURES.len()]) -> String {
    values.map(|value| format!("{value:>10}")).join(" ")
}

fn format_measure(value: f64) -> String {
    format!("{value:.4}")
}

fn print_json(out: &mut dyn Write, evaluation: &Evaluation, is_verbose: bool) -> std::io::Result<()> {
    let by_name = |values: Measures| MEASURES.into_iter().zip(values).collect::<BTreeMap<_, _>>();
    if is_verbose {
        for answer in &evaluation.answers {
            let JudgedQuery { id, text } = answer.query;
            let (measures, rank) = (by_name(answer.measures), answer.rank);
            let mut line = json!({"query": id, "text": text, "rank": rank, "measures": measures});
            if let Some(baseline) = answer.baseline {
                line["baseline"] = json!(by_name(baseline));
            }
            writeln!(out, "{line}")?;
        }
        for (JudgedQuery { id, text }, hits) in &evaluation.without_answer {
            writeln!(out, "{}", json!({"query": id, "text": text, "found": hits}))?;
        }
    }
    let mut line = json!({"queries": evaluation.answers.len(), "measures": by_name(evaluation.means())});
    if let Some(comparison) = evaluation.comparison() {
        line["baseline"] = json!(by_name(comparison.means));
        line["p"] = json!(by_name(comparison.p_values));
    }
    if !evaluation.without_answer.is_empty() {
        let found_nothing = evaluation.count_found_nothing();
        line["must_find_nothing"] = json!({"queries": evaluation.without_answer.len(), "found_nothing": found_nothing});
    }
    writeln!(out, "{line}")
}
