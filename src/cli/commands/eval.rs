//! `treff eval`: how well does this index answer queries whose right answers are known?

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::json;
use treff::error::Error;
use treff::eval::{self, Grades, JudgedQuery, Judgements, MEASURES, Measures, Places, Wanted};
use treff::index::Index;
use treff::query::{self, Synonyms};
use treff::search;

use crate::cli::globals::Globals;
use crate::cli::load_synonyms::load_synonyms;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{format_count, print, printable, say};

/// Measure how well this index answers queries whose right answers are known
///
/// Prints nDCG@10 (grades as gains, as trec_eval), MRR@10, the share of queries with a right answer first (P@1), Recall@10 and Recall@100. A judged document is a page of the index: the id of a record of a .jsonl file, a file's path or its last parts, path#record, or an address; or a line of a page, path:line, which any passage that covers it answers. Of each page the best passage counts. Judged documents that the index doesn't have are named and count as not found.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  treff eval --queries queries.tsv --qrels qrels.tsv --run treff.trec\n  treff eval --queries queries.jsonl --qrels qrels/test.tsv --baseline before.trec\n  treff eval --judged my-queries.tsv -v\n\n\
    A line of my-queries.tsv, with tabs between query, right places and note:\n  taushetsplikt\treport.txt:34, law.html\ta note\n  horoskop\t-\tmust find nothing"
)]
pub struct Args {
    /// Queries: lines of id, tab and query; BEIR's queries.jsonl; or TREC topics
    #[arg(long, value_name = "FILE", requires = "qrels")]
    queries: Option<PathBuf>,
    /// What is right: TREC's qrels (query 0 document grade), or BEIR's qrels/*.tsv
    #[arg(long, value_name = "FILE", requires = "queries")]
    qrels: Option<PathBuf>,
    /// Your own queries and what is right, in one file: lines of query, tab, and the right pages or page:line, or -
    #[arg(long, value_name = "FILE", conflicts_with_all = ["queries", "qrels"])]
    judged: Option<PathBuf>,
    /// Write the ranking as a TREC run
    #[arg(long, value_name = "FILE")]
    run: Option<PathBuf>,
    /// Compare with a TREC run for the same queries, by a randomisation test over the queries (Fisher's, two-sided)
    #[arg(long, value_name = "RUN")]
    baseline: Option<PathBuf>,
    /// How many documents of each query are looked at
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    depth: u32,
    /// Print every query, with the rank of its first right document
    #[arg(short, long)]
    verbose: bool,
    /// One JSON object, after one a query with -v
    #[arg(long)]
    json: bool,
    /// Names that stand for the same, beside those that treff knows
    #[arg(long, value_name = "FILE")]
    synonyms: Option<PathBuf>,
}

/// So many queries or documents that something is wrong with are named; the others are counted.
const MAX_NAMED: usize = 5;

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let task = task(&args)?;
    let baseline = args.baseline.as_deref().map(|path| eval::run(&read(path)?, &shown(path))).transpose()?;
    let synonyms = load_synonyms(args.synonyms.as_deref(), globals)?;
    let index = open_index(globals)?;
    let depth = args.depth as usize;
    let places = places(&index, &task)?;
    let ranked = |query: &JudgedQuery| documents(&index, &places, query, task.grades(query), &synonyms, depth);
    let ranked: Vec<Vec<String>> = task.queries.par_iter().map(ranked).collect::<Result<_>>()?;
    let found =
        |query: &JudgedQuery| Ok(search::ranked(&index, &as_searched(&index, &query.text, &synonyms)?, depth)?.len());
    let found: Vec<usize> = task.without_answer.par_iter().map(found).collect::<Result<_>>()?;
    if let Some(path) = &args.run {
        let of_query = |(query, ranked): (&JudgedQuery, &Vec<String>)| eval::trec_run(&query.id, ranked);
        let lines: String = task.queries.iter().zip(&ranked).map(of_query).collect();
        std::fs::write(path, lines).map_err(Error::io(path, "write"))?;
    }
    let answers = task.queries.iter().zip(&ranked);
    let answers = answers.map(|(query, ranked)| {
        let grades = task.grades(query);
        let baseline = baseline.as_ref().map(|run| run.get(&query.id).map(|list| eval::measure(list, grades)));
        Answer {
            query,
            rank: eval::first_right(ranked, grades),
            measures: eval::measure(ranked, grades),
            baseline: baseline.map(Option::unwrap_or_default),
        }
    });
    let result = Evaluation {
        answers: answers.collect(),
        without_answer: task.without_answer.iter().zip(found).collect(),
        baseline: args.baseline.as_deref().map(shown),
    };
    if let (Some(run), Some(name)) = (&baseline, &result.baseline) {
        let missing = task.queries.iter().filter(|query| !run.contains_key(&query.id)).map(|query| query.id.as_str());
        say_some(missing.collect(), "query", &format!("not in {name}, counted as 0 there"));
    }
    print(
        |out| if args.json { print_json(out, &result, args.verbose) } else { print_table(out, &result, args.verbose) },
    )?;
    Ok(Outcome::Found)
}

/// What is asked and what is right.
struct Task {
    /// All have judgements.
    queries: Vec<JudgedQuery>,
    judgements: Judgements,
    /// Those that must find nothing.
    without_answer: Vec<JudgedQuery>,
}

impl Task {
    fn grades(&self, query: &JudgedQuery) -> &Grades {
        &self.judgements[&query.id]
    }
}

/// Reads queries and judgements, and names those that have no counterpart.
fn task(args: &Args) -> Result<Task> {
    if let Some(path) = &args.judged {
        let (queries, judgements, without_answer) = eval::own_judgements(&read(path)?, &shown(path))?;
        if queries.is_empty() && without_answer.is_empty() {
            return Err(Error::input_file(
                shown(path),
                None,
                "no queries; a line is a query, a tab, and the relevant page or page:line",
            )
            .into());
        }
        return Ok(Task { queries, judgements, without_answer });
    }
    let (Some(queries_path), Some(qrels_path)) = (&args.queries, &args.qrels) else {
        return Err(Failure::usage("nothing to evaluate; give --queries and --qrels, or --judged"));
    };
    let mut queries = eval::queries(&read(queries_path)?, &shown(queries_path))?;
    let mut judgements = eval::qrels(&read(qrels_path)?, &shown(qrels_path))?;
    // Without anything right there is nothing to measure.
    judgements.retain(|_, grades| grades.values().any(|grade| *grade > 0));
    let mut unasked: BTreeSet<&str> = judgements.keys().map(String::as_str).collect();
    queries.iter().for_each(|query| {
        unasked.remove(query.id.as_str());
    });
    say_some(unasked.into_iter().collect(), "judged query", &format!("not in {}", shown(queries_path)));
    let unjudged = queries.iter().filter(|query| !judgements.contains_key(&query.id)).map(|query| query.id.as_str());
    say_some(unjudged.collect(), "query", "without a right answer in the judgements, left out");
    queries.retain(|query| judgements.contains_key(&query.id));
    if queries.is_empty() {
        let why = format!("none of its queries is judged in {}; both must name queries alike", shown(qrels_path));
        return Err(Error::input_file(shown(queries_path), None, why).into());
    }
    Ok(Task { queries, judgements, without_answer: Vec::new() })
}

fn read(path: &Path) -> treff::error::Result<String> {
    let bytes = std::fs::read(path).map_err(Error::io(path, "read"))?;
    String::from_utf8(bytes).map_err(|_| Error::not_utf8(path.display()))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Where the judged documents are in the index; names those that are nowhere.
fn places(index: &Index, task: &Task) -> Result<Places> {
    let judged = task.queries.iter().flat_map(|query| task.grades(query).keys().cloned());
    let mut wanted = Wanted::new(judged.collect());
    index.for_each_stored(|address, stored| {
        let path = index.base.resolve(&stored.page.path);
        wanted.look_at(address, stored, &path.to_string_lossy(), &index.base.show(&stored.page.path));
    })?;
    let places = wanted.found();
    let is_right =
        |id: &&str| task.queries.iter().any(|query| task.grades(query).get(*id).is_some_and(|grade| *grade > 0));
    let missing = places.missing().into_iter().filter(is_right);
    say_some(missing.collect(), "judged document", "in no passage of the index, counted as not found");
    say_some(places.ambiguous(), "judged document", "the name of several pages, of which any counts");
    Ok(places)
}

/// "2 judged documents are not in …: a, b", on standard error; nothing if there are none.
fn say_some(names: Vec<&str>, one: &str, what: &str) {
    if names.is_empty() {
        return;
    }
    let more = if names.len() > MAX_NAMED { ", …" } else { "" };
    let named = names[..names.len().min(MAX_NAMED)].join(", ");
    say(&format!("{} {what}: {named}{more}", format_count(names.len() as u64, one)));
}

/// The documents that answer a query, best first, at most `depth`.
fn documents(
    index: &Index,
    places: &Places,
    query: &JudgedQuery,
    grades: &Grades,
    synonyms: &Synonyms,
    depth: usize,
) -> Result<Vec<String>> {
    let parsed = as_searched(index, &query.text, synonyms)?;
    // Several passages may be of one page.
    let mut limit = depth * 4;
    loop {
        let passages = search::ranked(index, &parsed, limit)?;
        let documents = places.documents(&passages, grades, depth);
        if documents.len() == depth || passages.len() < limit {
            return Ok(documents);
        }
        limit *= 4;
    }
}

/// A query as `treff search` takes it.
fn as_searched(index: &Index, text: &str, synonyms: &Synonyms) -> Result<query::Query> {
    let query = query::parse(text, synonyms);
    Ok(search::respell(index, &query)?.map_or(query, |text| query::parse(&text, synonyms)))
}

/// How the queries were answered.
struct Evaluation<'a> {
    answers: Vec<Answer<'a>>,
    /// Queries that must find nothing, and how many passages they found.
    without_answer: Vec<(&'a JudgedQuery, usize)>,
    /// The name of the run that is compared with.
    baseline: Option<String>,
}

struct Answer<'a> {
    query: &'a JudgedQuery,
    /// Of the first right document.
    rank: Option<usize>,
    measures: Measures,
    baseline: Option<Measures>,
}

impl Evaluation<'_> {
    fn means(&self) -> Measures {
        eval::mean(&self.answers.iter().map(|answer| answer.measures).collect::<Vec<_>>())
    }

    fn empty(&self) -> usize {
        self.without_answer.iter().filter(|(_, found)| *found == 0).count()
    }

    /// `None` where nothing is compared.
    fn comparison(&self) -> Option<Comparison> {
        let baseline: Vec<Measures> = self.answers.iter().filter_map(|answer| answer.baseline).collect();
        let differences = |place: usize| -> Vec<f64> {
            self.answers.iter().zip(&baseline).map(|(answer, other)| answer.measures[place] - other[place]).collect()
        };
        let better = |place: usize, sign: f64| differences(place).iter().filter(|value| **value * sign > 0.0).count();
        self.baseline.as_ref().map(|name| Comparison {
            name: name.clone(),
            means: eval::mean(&baseline),
            p: std::array::from_fn(|place| eval::randomisation_test(&differences(place))),
            better: std::array::from_fn(|place| better(place, 1.0)),
            worse: std::array::from_fn(|place| better(place, -1.0)),
        })
    }
}

/// With a baseline.
struct Comparison {
    name: String,
    means: Measures,
    p: Measures,
    /// How many queries are answered better than by the baseline, and how many worse.
    better: [usize; MEASURES.len()],
    worse: [usize; MEASURES.len()],
}

fn print_table(out: &mut dyn Write, result: &Evaluation, is_verbose: bool) -> std::io::Result<()> {
    if is_verbose {
        print_queries(out, result)?;
    }
    if !result.answers.is_empty() {
        let comparison = result.comparison();
        let width = comparison.as_ref().map_or(0, |comparison| comparison.name.chars().count()).max(WIDTH);
        let mut row = |name: &str, values: [String; MEASURES.len()]| {
            writeln!(out, "{:<width$} {}", printable(name), columns(values))
        };
        row(&format_count(result.answers.len() as u64, "query"), MEASURES.map(str::to_string))?;
        row("treff", result.means().map(value))?;
        if let Some(comparison) = &comparison {
            let means = result.means();
            let differences: Measures = std::array::from_fn(|place| means[place] - comparison.means[place]);
            row(&comparison.name, comparison.means.map(value))?;
            row("difference", differences.map(|difference| format!("{difference:+.4}")))?;
            row("p (randomisation test)", comparison.p.map(value))?;
            row("queries better", comparison.better.map(|number| number.to_string()))?;
            row("queries worse", comparison.worse.map(|number| number.to_string()))?;
        }
    }
    if !result.without_answer.is_empty() {
        let all = format_count(result.without_answer.len() as u64, "query");
        writeln!(out, "{} of {all} that must find nothing found nothing", result.empty())?;
    }
    Ok(())
}

/// A line a query, and an empty one below.
fn print_queries(out: &mut dyn Write, result: &Evaluation) -> std::io::Result<()> {
    if !result.answers.is_empty() {
        let change = if result.baseline.is_some() { "    change" } else { "" };
        writeln!(out, "rank {}{change}  id  query", columns(MEASURES.map(str::to_string)))?;
    }
    for Answer { query, rank, measures, baseline } in &result.answers {
        let rank = rank.map_or("-".to_string(), |rank| rank.to_string());
        // Of nDCG@10.
        let change = baseline.map_or(String::new(), |baseline| format!(" {:>+9.4}", measures[0] - baseline[0]));
        let named = format!("{}  {}", printable(&query.id), printable(&query.text));
        writeln!(out, "{rank:>4} {}{change}  {named}", columns(measures.map(value)))?;
    }
    for (query, found) in &result.without_answer {
        let found = if *found == 0 { "nothing".to_string() } else { format_count(*found as u64, "passage") };
        writeln!(out, "found {found}  {}  {}", printable(&query.id), printable(&query.text))?;
    }
    writeln!(out)
}

/// Of the names of rows.
const WIDTH: usize = 24;

fn columns(values: [String; MEASURES.len()]) -> String {
    values.map(|value| format!("{value:>10}")).join(" ")
}

fn value(value: f64) -> String {
    format!("{value:.4}")
}

fn print_json(out: &mut dyn Write, result: &Evaluation, is_verbose: bool) -> std::io::Result<()> {
    let named = |values: Measures| MEASURES.into_iter().zip(values).collect::<BTreeMap<_, _>>();
    if is_verbose {
        for answer in &result.answers {
            let JudgedQuery { id, text } = answer.query;
            let (values, rank) = (named(answer.measures), answer.rank);
            let mut line = json!({"query": id, "text": text, "rank": rank, "measures": values});
            if let Some(baseline) = answer.baseline {
                line["baseline"] = json!(named(baseline));
            }
            writeln!(out, "{line}")?;
        }
        for (JudgedQuery { id, text }, found) in &result.without_answer {
            writeln!(out, "{}", json!({"query": id, "text": text, "found": found}))?;
        }
    }
    let mut line = json!({"queries": result.answers.len(), "measures": named(result.means())});
    if let Some(comparison) = result.comparison() {
        line["baseline"] = json!(named(comparison.means));
        line["p"] = json!(named(comparison.p));
    }
    if !result.without_answer.is_empty() {
        line["must_find_nothing"] = json!({"queries": result.without_answer.len(), "found_nothing": result.empty()});
    }
    writeln!(out, "{line}")
}
