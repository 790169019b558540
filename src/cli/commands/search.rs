//! `treff search`: prints the passages that match a query.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::ValueHint;
use treff::index::Index;
use treff::query::{Query, QueryProblem};
use treff::search::{FacetCounts, FacetField, Interrupt, SearchOptions, SearchResults, SortOrder, count_matches};
use treff::service::{
    ParsedRequest, RequestError, SearchFilters, SearchOutcome, SearchRequest, load_synonyms, query_notes,
};
use treff::snippet::Highlighter;

use crate::cli::advice::{shell_quote, treff_command};
use crate::cli::did_you_mean::{corrections, say_suggestion};
use crate::cli::globals::Globals;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{Style, format_count, print, print_facet, print_hit, print_json_line, printable, say};

/// Print the passages that match a query, best first
///
/// A word matches all of its inflections. "…" is a phrase; ="…" and =word match the exact form; "…"~5 allows five other
/// words in between. +word requires a word, -word excludes it. ord* and *plikt are wildcards; word~ also matches
/// similar words. Put -- before a query that begins with --.
#[derive(clap::Args)]
#[command(
    after_help = "Operators are written in capitals. NOT (IKKE) binds tightest, then AND (OG), then OR (ELLER); parentheses \
        group. Adjacent words are alternatives: `a b AND c` means (a or b) and c. A filter or -word applies to \
        everything in its parentheses, or to the whole query.\n\
        Filters: title: source: (kilde:) site: path: lang:nn date:2018 date:2017..2020 date:>=2019-03 (dato:)\n\n\
        Examples:\n  treff taushetsplikt\n  treff '\"utsatte barn og unge\"' -skole\n  \
        treff '(barnevern OR skole) AND samarbeid* dato:2018..2020'\n  treff -n 3 --json økonomi og ledelse"
)]
pub struct Args {
    /// Words to search for
    #[arg(required_unless_present_any = ["source", "since", "until", "lang"], value_name = "QUERY")]
    query: Vec<String>,
    /// Maximum number of passages to print
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = SearchOptions::DEFAULT.limit, value_hint = ValueHint::Other)]
    limit: usize,
    /// Number of passages to skip
    #[arg(long, value_name = "N", default_value_t = 0, value_hint = ValueHint::Other)]
    offset: usize,
    #[command(flatten)]
    filters: FilterArgs,
    /// Treat a syntax error in the query as an error instead of searching for the words
    #[arg(long)]
    strict: bool,
    /// Print one JSON object per line (the fields are documented in docs/json.md)
    #[arg(long)]
    json: bool,
    /// If nothing is found, search for the suggested query (`corrected_query` in JSON)
    #[arg(long)]
    correct: bool,
    /// Maximum length of a snippet in characters; sentences are cut only if they do not fit
    #[arg(long, value_name = "N", default_value_t = SearchOptions::DEFAULT.snippet_chars, value_hint = ValueHint::Other)]
    snippet_chars: usize,
    /// Print whole passages instead of snippets
    #[arg(long)]
    full: bool,
    /// Print one hit per page: its first passage in the sort order, and how many of its passages match
    #[arg(long)]
    group: bool,
    /// Sort order of the hits; date puts the newest first and pages without a date last
    #[arg(long, value_name = "ORDER", default_value = "score")]
    sort: SortArg,
    /// After the hits, print how many matching pages each source, year, lang or site has
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    facets: Vec<FacetArg>,
    /// Also search the lines that were dropped as boilerplate (`boilerplate` in JSON)
    #[arg(long)]
    with_boilerplate: bool,
    /// Show near-duplicate pages instead of collapsing them into the best hit
    #[arg(long)]
    similar: bool,
    /// Explain each query word (on standard error) and how each hit was scored (`explanation` in JSON)
    #[arg(long)]
    explain: bool,
    /// Add synonyms from this file to the built-in ones; a line looks like `NAV = Arbeids- og velferdsetaten`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    synonyms: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum SortArg {
    Score,
    Date,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FacetArg {
    Source,
    Year,
    Lang,
    Site,
}

/// Filters as options. Each is also a field in the query language.
#[derive(Clone, clap::Args)]
struct FilterArgs {
    /// Only pages whose source contains these words, ignoring case; repeat for alternatives
    #[arg(long, value_name = "SOURCE", value_hint = ValueHint::Other)]
    source: Vec<String>,
    /// Only pages dated this day or later: 2018, 2018-03, 2018-03-12 or 12.03.2018
    #[arg(long, value_name = "DATE", value_hint = ValueHint::Other)]
    since: Option<String>,
    /// Only pages dated this day or earlier
    #[arg(long, value_name = "DATE", value_hint = ValueHint::Other)]
    until: Option<String>,
    /// Only pages in this language: nb, nn, en, or `no` (both nb and nn); repeat for alternatives
    #[arg(long, value_name = "LANG", value_hint = ValueHint::Other)]
    lang: Vec<String>,
}

/// Precedes the hyphen of an excluded word on the command line, to hide it from clap. No text contains this
/// noncharacter.
pub const HYPHEN_MARK: char = '\u{fdd0}';

/// Maximum values of `--limit` and `--offset`: enough for any use; larger values would only cost memory.
const MAX_LIMIT: usize = 100_000;
const MAX_OFFSET: usize = 1_000_000;

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let synonyms = load_synonyms(&globals.index, args.synonyms.as_deref())?;
    let request = args.search_request();
    let text = &request.text;
    let parsed = match ParsedRequest::parse(&request, &synonyms) {
        Ok(parsed) => parsed,
        Err(RequestError::Filter(name, message)) => return Err(Failure::usage(format!("--{name}: {message}"))),
        Err(RequestError::Syntax(problem)) => {
            say_problem_with_carets(text, &problem);
            return Ok(Outcome::Failed);
        }
        Err(RequestError::Empty(query, reason)) => {
            say_problems_and_notes(&query);
            say(&format!("nothing to search for: {reason}"));
            return Ok(Outcome::NothingFound);
        }
        Err(RequestError::Index(error)) => return Err(error.into()),
    };
    say_problems_and_notes(parsed.query());
    // Skip Drop: the memory is reclaimed faster when the process exits.
    let index = ManuallyDrop::new(open_index(globals)?);
    let outcome = parsed.search(&index)?;
    let (query, results, options) = (outcome.query(), &outcome.results, &request.options);
    outcome.pattern_notes.iter().for_each(|note| say(note));
    outcome.unknown_filters.iter().for_each(|unknown| say(&unknown.to_string()));
    if outcome.corrected.is_some() {
        if !outcome.typed_has_matches {
            say(&nothing_found(text));
        }
        say(&format!("showing results for “{}”", shortened(&query.text)));
    }
    if args.explain {
        say_query_explanation(query);
    }
    if args.json {
        print_json(results)?;
    } else {
        print_results(results, query, &Style::of_stdout(globals.color))?;
    }
    if results.has_matches {
        say_position(&index, query, results, options, args.json)?;
    } else {
        say_nothing_found(&outcome, text);
        if let Some(pages) = outcome.in_boilerplate {
            say_boilerplate_matches(pages, &args.command(text, &["--with-boilerplate"], globals));
        }
    }
    if let Some(suggestion) = &outcome.suggestion {
        say_suggestion(suggestion, |query| args.command(query, &[], globals));
    }
    // A limit of 0 requests only the counts.
    let has_counts = results.has_matches && (options.limit == 0 || !results.facets.is_empty());
    Ok(if results.hits.is_empty() && !has_counts { Outcome::NothingFound } else { Outcome::Success })
}

impl Args {
    fn search_request(&self) -> SearchRequest {
        let FilterArgs { source, since, until, lang } = self.filters.clone();
        SearchRequest {
            text: self.query.join(" ").replace(HYPHEN_MARK, ""),
            filters: SearchFilters { sources: source, sites: Vec::new(), langs: lang, since, until },
            options: self.search_options(),
            is_strict: self.strict,
            corrects: self.correct,
        }
    }

    fn search_options(&self) -> SearchOptions {
        SearchOptions {
            limit: self.limit.min(MAX_LIMIT),
            offset: self.offset.min(MAX_OFFSET),
            snippet_chars: self.snippet_chars,
            full: self.full,
            with_boilerplate: self.with_boilerplate,
            with_similar: self.similar,
            order: match self.sort {
                SortArg::Score => SortOrder::Score,
                SortArg::Date => SortOrder::Date,
            },
            is_grouped: self.group,
            is_explained: self.explain,
            facets: facet_fields(&self.facets),
            count_matches: false,
            max_bytes: usize::MAX,
            interrupt: Interrupt::NEVER,
        }
    }
}

impl Args {
    /// The shell command that searches for another query with the same options plus `added`, starting at the first
    /// hit.
    fn command(&self, query: &str, added: &[&str], globals: &Globals) -> String {
        let mut words = vec![treff_command(globals), "search".to_string()];
        words.extend(added.iter().map(|option| option.to_string()));
        words.extend(self.options().into_iter().map(|(option, value)| match value {
            None => option.to_string(),
            Some(value) if value.starts_with('-') => format!("{option}={}", shell_quote(&value)),
            Some(value) => format!("{option} {}", shell_quote(&value)),
        }));
        if query.starts_with('-') {
            words.push("--".to_string());
        }
        if !query.trim().is_empty() {
            words.push(shell_quote(query));
        }
        words.join(" ")
    }

    /// The options that differ from the defaults, each with its value, without `--offset` and `--correct`.
    fn options(&self) -> Vec<(&'static str, Option<String>)> {
        let FilterArgs { source, since, until, lang } = &self.filters;
        let changed = |option, number: usize, default: usize| (number != default).then(|| (option, number.to_string()));
        let sort = matches!(self.sort, SortArg::Date).then(|| ("--sort", "date".to_string()));
        let facets: Vec<&str> = facet_fields(&self.facets).iter().map(|field| field.name()).collect();
        let mut options: Vec<(&str, Option<String>)> = Vec::new();
        let mut add = |option: &'static str, value: &str| options.push((option, Some(value.to_string())));
        source.iter().for_each(|source| add("--source", source));
        since.iter().for_each(|date| add("--since", date));
        until.iter().for_each(|date| add("--until", date));
        lang.iter().for_each(|lang| add("--lang", lang));
        let limit = changed("-n", self.limit, SearchOptions::DEFAULT.limit);
        let snippet_chars = changed("--snippet-chars", self.snippet_chars, SearchOptions::DEFAULT.snippet_chars);
        limit.into_iter().chain(snippet_chars).chain(sort).for_each(|(option, value)| add(option, &value));
        if !facets.is_empty() {
            add("--facets", &facets.join(","));
        }
        self.synonyms.iter().for_each(|file| add("--synonyms", &file.to_string_lossy()));
        let flags = [
            ("--strict", self.strict),
            ("--json", self.json),
            ("--full", self.full),
            ("--group", self.group),
            ("--with-boilerplate", self.with_boilerplate),
            ("--similar", self.similar),
            ("--explain", self.explain),
        ];
        options.extend(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| (flag, None)));
        options
    }
}

/// The fields of the arguments in the same order, without repetitions.
fn facet_fields(args: &[FacetArg]) -> Vec<FacetField> {
    let mut fields = Vec::new();
    for arg in args {
        let field = match arg {
            FacetArg::Source => FacetField::Source,
            FacetArg::Year => FacetField::Year,
            FacetArg::Lang => FacetField::Lang,
            FacetArg::Site => FacetField::Site,
        };
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// Prints the problems that the parser found in a query, and how else it was read.
fn say_problems_and_notes(query: &Query) {
    if let Some(QueryProblem { message, fallback, .. }) = query.problems.first() {
        say(&format!("{}; {fallback} (`--strict` shows where)", printable(message)));
    }
    query_notes(query).iter().for_each(|note| say(note));
}

/// Maximum number of characters of the query to show before a problem, and of carets below it.
const MAX_CONTEXT_CHARS: usize = 60;

/// Prints a problem, and below it the query with carets under the characters concerned.
fn say_problem_with_carets(text: &str, problem: &QueryProblem) {
    let span = problem.span.clone();
    let before = text[..span.start].chars().rev().take(MAX_CONTEXT_CHARS);
    let start = span.start - before.clone().map(char::len_utf8).sum::<usize>();
    let line = text[start..].chars().take(2 * MAX_CONTEXT_CHARS);
    let line: String = line.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let carets = text[span].chars().count().clamp(1, MAX_CONTEXT_CHARS);
    say(&problem.message);
    say(&format!("  {line}"));
    say(&format!("  {}{}", " ".repeat(before.count()), "^".repeat(carets)));
}

/// Prints what each query word and pattern is expanded to, one per line.
fn say_query_explanation(query: &Query) {
    for word in &query.words {
        let mut terms = vec![format!("lemma {}", word.lemmas.join(", "))];
        if !word.components.is_empty() {
            terms.push(format!("components {}", word.components.join(", ")));
        }
        terms.extend(word.synonyms.iter().map(|synonym| format!("synonym “{}”", synonym.name)));
        say(&format!("{}: {}", word.exact, terms.join("; ")));
    }
    for pattern in &query.patterns {
        let expansions = match pattern.expansions.as_deref() {
            None | Some([]) => "no matching words".to_string(),
            Some(words) => words.join(", "),
        };
        say(&format!("{}: {expansions}", pattern.text));
    }
}

/// The line after the hits, with the facets by field.
#[derive(serde::Serialize)]
struct FacetsLine<'a> {
    v: u32,
    facets: BTreeMap<&'a str, &'a FacetCounts>,
}

fn print_json(results: &SearchResults) -> Result<()> {
    print(|out| {
        for hit in &results.hits {
            print_json_line(out, hit)?;
        }
        if !results.facets.is_empty() {
            let facets: BTreeMap<_, _> = results.facets.iter().map(|facet| (facet.field.name(), facet)).collect();
            print_json_line(out, &FacetsLine { v: 1, facets })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn print_results(results: &SearchResults, query: &Query, style: &Style) -> Result<()> {
    let highlighter = Highlighter::new(query);
    print(|out| {
        for (index, hit) in results.hits.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            print_hit(out, hit, &highlighter, style)?;
        }
        if !results.hits.is_empty() && !results.facets.is_empty() {
            writeln!(out)?;
        }
        let mut counted = results.facets.iter().filter(|facet| !facet.values.is_empty() || facet.without > 0);
        counted.try_for_each(|facet| print_facet(out, facet, style))
    })?;
    Ok(())
}

/// Prints that nothing was found. If the filters are the reason, also prints how many passages match without them;
/// these are counted for the corrected query if a word was misspelled.
fn say_nothing_found(outcome: &SearchOutcome, text: &str) {
    let mut message = nothing_found(text);
    if let Some(passages @ 1..) = outcome.without_filters {
        let verb = if passages == 1 { "matches" } else { "match" };
        let passages = format_count(passages as u64, "passage");
        message.push_str(&format!("; without the filters, {passages} {verb}"));
        if let Some(suggestion) = &outcome.results.suggestion {
            let corrections: Vec<String> = corrections(suggestion).collect();
            message.push_str(&format!(" with {}", corrections.join(", ")));
        }
    }
    say(&message);
}

fn nothing_found(text: &str) -> String {
    if text.trim().is_empty() { "nothing found".to_string() } else { format!("nothing found for {}", shortened(text)) }
}

/// Prints how many pages match in the lines that were dropped as boilerplate, and the command that searches them.
fn say_boilerplate_matches(pages: usize, command: &str) {
    let verb = if pages == 1 { "matches" } else { "match" };
    let pages = format_count(pages as u64, "page");
    say(&format!("{pages} {verb} in lines that were dropped as boilerplate; run `{command}`"));
}

/// The beginning of a query: enough to recognize a pasted text.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Prints the number of matching passages (or pages, if grouped) when the hits don't show it: when there are no hits at
/// this offset or, on a terminal, when more hits follow.
fn say_position(
    index: &Index,
    query: &Query,
    results: &SearchResults,
    options: &SearchOptions,
    is_json: bool,
) -> Result<()> {
    let count = || match results.pages.filter(|_| options.is_grouped) {
        Some(pages) => Ok((pages, "page")),
        None => count_matches(index, query, options.with_boilerplate, &options.interrupt)
            .map(|passages| (passages, "passage")),
    };
    if results.hits.is_empty() {
        if results.facets.is_empty() || options.limit > 0 {
            let (total, unit) = count()?;
            let total = format_count(total as u64, unit);
            say(&if options.limit == 0 { format!("{total} found") } else { format!("no more hits; {total} found") });
        }
    } else if !is_json && std::io::stdout().is_terminal() {
        let (total, unit) = count()?;
        let last = options.offset + results.hits.len();
        if last < total {
            let (first, total) = (options.offset + 1, format_count(total as u64, unit));
            say(&format!("{first} to {last} of {total}; use `--offset {last}` to show more"));
        }
    }
    Ok(())
}
