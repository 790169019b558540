//! `treff search`: which passages answer?

use std::collections::BTreeMap;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use treff::chunk::paragraphs;
use treff::index::Index;
use treff::norwegian::{MAX_WORD_CHARS, Standard, is_word_char};
use treff::query::{self, Filter, QueryProblem};
use treff::search::{
    self, FacetCounts, FacetField, Hit, PageLocation, SearchOptions, SearchResults, SortOrder, ValueCount,
    expand_patterns, search, unknown_filter_values,
};
use treff::snippet::{self, Highlighter};

use crate::cli::did_you_mean;
use crate::cli::globals::Globals;
use crate::cli::load_synonyms::load_synonyms;
use crate::cli::open_index::open_index;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{Style, format_count, print, printable, say};
use crate::cli::print_explanation::print_explanation;

/// Print the passages that answer a query, best first
///
/// Words rank by relevance, in all their inflections; "…" is a phrase, ="…" and =word are exact, "…"~5 lets five words stand between; +word must be there, -word must not; ord*, *plikt and word~ stand for other words. A query that begins with -- goes after --.
#[derive(clap::Args)]
#[command(
    after_help = "Operators, in capitals: NOT (IKKE) binds first, then AND (OG), then OR (ELLER); parentheses group. Words \
        side by side are one group, of which any finds: `a b AND c` is (a or b) and c. A filter or -word beside \
        others holds for all of its parentheses, or of the query.\n\
        Filters: title: source: (kilde:) site: path: lang:nn date:2018 date:2017..2020 date:>=2019-03 (dato:)\n\n\
        Examples:\n  treff taushetsplikt\n  treff '\"utsatte barn og unge\"' -skole\n  \
        treff '(barnevern OR skole) AND samarbeid* dato:2018..2020'\n  treff -n 3 --json økonomi og ledelse"
)]
pub struct Args {
    /// What to look for
    #[arg(required_unless_present_any = ["source", "since", "until", "lang"], value_name = "QUERY")]
    query: Vec<String>,
    /// How many passages to print
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = 10)]
    limit: usize,
    /// How many passages to pass over first
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    #[command(flatten)]
    filters: Filters,
    /// Refuse a query that can't be read as it is meant, instead of searching for its words
    #[arg(long)]
    strict: bool,
    /// One JSON object a line (its fields are described in README.md)
    #[arg(long)]
    json: bool,
    /// Where nothing is found, search for what was probably meant (`corrected_query` in JSON)
    #[arg(long)]
    correct: bool,
    /// How long a snippet may be, in characters; it is whole sentences where they fit
    #[arg(long, value_name = "N", default_value_t = SNIPPET_CHARS)]
    snippet_chars: usize,
    /// Print the whole passage in the place of a snippet
    #[arg(long)]
    full: bool,
    /// One hit a page: its first passage in that order, and how many of its passages match
    #[arg(long)]
    group: bool,
    /// Which hits come first; those of pages without a date are the oldest
    #[arg(long, value_name = "ORDER", default_value = "score")]
    sort: Sort,
    /// Count the pages that match by source, year, lang, site, after the hits
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    facets: Vec<FacetName>,
    /// Also find what was dropped from the pages as boilerplate (`boilerplate` in JSON)
    #[arg(long)]
    with_boilerplate: bool,
    /// Print also pages that are nearly the same as one above them, which are else only counted
    #[arg(long)]
    similar: bool,
    /// Tell of each word, on standard error, its lemmas, its parts and its synonyms, and of each hit why it stands there (`explanation` in JSON)
    #[arg(long)]
    explain: bool,
    /// Names that stand for the same, beside those that treff knows: a file of lines such as `NAV = Arbeids- og velferdsetaten`
    #[arg(long, value_name = "FILE")]
    synonyms: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Sort {
    Score,
    Date,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FacetName {
    Source,
    Year,
    Lang,
    Site,
}

/// Filters as options; each is also a field of the query.
#[derive(clap::Args)]
struct Filters {
    /// Only pages of this source: its words, in any case; may be given again for others
    #[arg(long, value_name = "SOURCE")]
    source: Vec<String>,
    /// Only pages of this day or later: 2018, 2018-03, 2018-03-12 or 12.03.2018
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only pages of this day or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Only pages in this language: nb, nn or en; may be given again for others
    #[arg(long, value_name = "LANG")]
    lang: Vec<String>,
}

impl Filters {
    fn read(&self) -> Result<Vec<Filter>> {
        let dates = [(">=", "--since", &self.since), ("<=", "--until", &self.until)];
        let dates = dates.iter().filter_map(|(sign, flag, date)| {
            let date = date.as_ref()?.trim();
            Some((*flag, query::FilterField::Date, format!("{sign}{date}")))
        });
        let sources = self.source.iter().map(|source| ("--source", query::FilterField::Source, source.clone()));
        let langs = self.lang.iter().map(|lang| ("--lang", query::FilterField::Lang, lang.clone()));
        let read = |(flag, facet, value): (&str, query::FilterField, String)| {
            Filter::parse(facet, &value).map_err(|message| Failure::usage(format!("{flag}: {message}")))
        };
        sources.chain(langs).chain(dates).map(read).collect()
    }
}

/// One or two sentences; about three lines of a terminal.
pub const SNIPPET_CHARS: usize = 240;

pub fn run(args: Args, globals: &Globals) -> Result<Outcome> {
    let text = args.query.join(" ");
    let synonyms = load_synonyms(args.synonyms.as_deref(), globals)?;
    let filters = args.filters.read()?;
    let mut query = query::parse(&text, &synonyms);
    query.add_filters(filters.clone());
    if let Some(problem) = query.problems.first() {
        if args.strict {
            say_problem(&text, problem);
            return Ok(Outcome::Failed);
        }
        let message = printable(&problem.message);
        say(&format!("{message}; searching for the words instead (`--strict` shows where)"));
    }
    if query.is_all_caps {
        say("where all is in capitals, OG, ELLER and IKKE are words; AND, OR and NOT are operators");
    }
    if query.is_empty() {
        let is_long = |word: &str| word.chars().count() > MAX_WORD_CHARS;
        say(match query.constraint {
            Some(_) => "nothing to search for: the query only leaves words out; add a word to look for",
            None if text.split(|c| !is_word_char(c)).any(is_long) => {
                "nothing to search for: words of more than 200 letters are not indexed"
            }
            None => "nothing to search for: the query holds no letters and no digits",
        });
        return Ok(Outcome::NothingFound);
    }
    if query.dropped_words > 0 {
        say(&format!("only the first {} words are searched; {} were left out", query.words.len(), query.dropped_words));
    }
    // The end of the process takes it apart faster.
    let index = ManuallyDrop::new(open_index(globals)?);
    // Enough for any screen; beyond it the numbers only cost memory.
    let options = SearchOptions {
        limit: args.limit.min(100_000),
        offset: args.offset.min(1_000_000),
        snippet_chars: args.snippet_chars,
        full: args.full,
        with_boilerplate: args.with_boilerplate,
        with_similar: args.similar,
        order: match args.sort {
            Sort::Score => SortOrder::Score,
            Sort::Date => SortOrder::Date,
        },
        is_grouped: args.group,
        is_explained: args.explain,
        facets: counted_by(&args.facets),
    };
    for note in expand_patterns(&index, &mut query, options.with_boilerplate)? {
        say(&note);
    }
    let mut answer = search(&index, &query, &options)?;
    let read = |text: &str| {
        let mut query = query::parse(text, &synonyms);
        query.add_filters(filters.clone());
        expand_patterns(&index, &mut query, options.with_boilerplate).map(|_| query)
    };
    if !answer.has_matches {
        for sentence in unknown_filter_values(&index, &query)? {
            say(&sentence);
        }
    }
    if let Some(instead) = did_you_mean::instead(&index, &answer, &options, read, args.correct)? {
        if !answer.has_matches {
            say_nothing_found(&text);
        }
        did_you_mean::announce(&instead.0);
        (query, answer) = instead;
    }
    if args.explain {
        explain(&query);
    }
    if args.json {
        print(|out| {
            for hit in &answer.hits {
                serde_json::to_writer(&mut *out, hit)?;
                writeln!(out)?;
            }
            if !answer.facets.is_empty() {
                let facets: BTreeMap<_, _> = answer.facets.iter().map(|facet| (facet.field.name(), facet)).collect();
                writeln!(out, r#"{{"v":1,"facets":{}}}"#, serde_json::to_string(&facets)?)?;
            }
            Ok(())
        })?;
    } else {
        let style = Style::of_stdout(globals.color);
        let sought = Highlighter::new(&query);
        print(|out| {
            for (place, hit) in answer.hits.iter().enumerate() {
                if place > 0 {
                    writeln!(out)?;
                }
                print_hit(out, hit, &sought, &style)?;
            }
            if !answer.hits.is_empty() && !answer.facets.is_empty() {
                writeln!(out)?;
            }
            answer.facets.iter().try_for_each(|facet| print_facet(out, facet, &style))
        })?;
    }
    tell(&index, &query, &answer, &options, &text, args.json)?;
    if let Some(suggestion) = &answer.suggestion {
        did_you_mean::ask(suggestion, globals);
    }
    let is_counted = answer.has_matches && (options.limit == 0 || !answer.facets.is_empty());
    Ok(if answer.hits.is_empty() && !is_counted { Outcome::NothingFound } else { Outcome::Found })
}

/// Each once, as they were asked for.
fn counted_by(names: &[FacetName]) -> Vec<FacetField> {
    let mut asked = Vec::new();
    for name in names {
        let by = match name {
            FacetName::Source => FacetField::Source,
            FacetName::Year => FacetField::Year,
            FacetName::Lang => FacetField::Lang,
            FacetName::Site => FacetField::Site,
        };
        if !asked.contains(&by) {
            asked.push(by);
        }
    }
    asked
}

/// A line: what pages are counted by, and how many have which value.
fn print_facet(out: &mut dyn Write, facet: &FacetCounts, style: &Style) -> std::io::Result<()> {
    let value =
        |count: &ValueCount| format!("{} {}", printable(&count.value), style.dim(&format!("({})", count.pages)));
    let mut values: Vec<String> = facet.values.iter().map(value).collect();
    if facet.more > 0 {
        values.push(format!("and {} more", facet.more));
    }
    if facet.without > 0 {
        values.push(format!("none {}", style.dim(&format!("({})", facet.without))));
    }
    writeln!(out, "{:<8}{}", facet.field.name(), values.join(" · "))
}

/// Says what is wrong, and below it the query with a caret under each character of the place.
fn say_problem(text: &str, problem: &QueryProblem) {
    let place = problem.span.clone();
    let before = text[..place.start].chars().rev().take(MAX_BEFORE);
    let begin = place.start - before.clone().map(char::len_utf8).sum::<usize>();
    let line: String =
        text[begin..].chars().take(2 * MAX_BEFORE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let carets = text[place].chars().count().clamp(1, MAX_BEFORE);
    say(&problem.message);
    say(&format!("  {line}"));
    say(&format!("  {}{}", " ".repeat(before.count()), "^".repeat(carets)));
}

/// Characters of a query that are shown before what is wrong with it.
const MAX_BEFORE: usize = 60;

/// A line for each word of the query.
fn explain(query: &query::Query) {
    for word in &query.words {
        let mut about = vec![format!("lemma {}", word.lemmas.join(", "))];
        if !word.components.is_empty() {
            about.push(format!("parts {}", word.components.join(", ")));
        }
        about.extend(word.synonyms.iter().map(|synonym| format!("synonym «{}»", synonym.name)));
        say(&format!("{}: {}", word.exact, about.join("; ")));
    }
    for pattern in &query.patterns {
        let forms = pattern.expansions.as_deref().unwrap_or(&[]);
        say(&format!("{}: {}", pattern.text, if forms.is_empty() { "no word".to_string() } else { forms.join(", ") }));
    }
}

fn print_hit(out: &mut dyn Write, hit: &Hit, sought: &Highlighter, style: &Style) -> std::io::Result<()> {
    let place = format!("{}:{}", hit.path, hit.line);
    let title = hit.title.as_deref().or(hit.opening.as_deref()).unwrap_or(&hit.path);
    let marks = snippet::merge_marks(&sought.matches(title, Standard::Both));
    let title = snippet::visible_text(title, 0, title.len(), &marks);
    let number = format!("{:>2}  ", hit.rank);
    let shown = style.marked(&title.text, &title.marks, "    ");
    writeln!(out, "{}{}", number, style.bold(shown.trim_start()))?;
    let target = match &hit.url {
        _ if !style.links => String::new(),
        Some(url) if url.starts_with("http") => printable(url).into_owned(),
        _ => file_url(&hit.path),
    };
    let mut about: Vec<String> = Vec::new();
    about.extend(hit.source.as_deref().map(|source| printable(source).into_owned()));
    about.extend(hit.date.clone());
    about.push(style.link(&target, &style.path(&printable(&place))));
    about.extend(hit.record.as_deref().map(|record| format!("#{}", printable(record))));
    about.push(style.dim(&hit.id));
    if let Some(passages) = hit.matching_passages.filter(|passages| *passages > 1) {
        about.push(format_count(passages.into(), "passage"));
    }
    if hit.boilerplate {
        about.push("dropped as boilerplate".to_string());
    }
    writeln!(out, "    {}", about.join(" · "))?;
    for (begin, paragraph) in paragraphs(&hit.snippet) {
        let end = begin + paragraph.len();
        let inside = hit.marks.iter().filter(|(from, to)| *from >= begin && *to <= end);
        let marks: Vec<_> = inside.map(|(from, to)| (from - begin, to - begin)).collect();
        writeln!(out, "{}", style.marked(paragraph, &marks, "    "))?;
    }
    if !hit.copies.is_empty() {
        let named: Vec<String> = hit.copies.iter().take(MAX_ALSO).map(|place| shown_place(place, hit, style)).collect();
        let more = hit.copies.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "    {}", style.dim(&format!("also at {}{more}", named.join(", "))))?;
    }
    if !hit.similar.is_empty() {
        let pages = format_count(hit.similar.len() as u64, "similar page");
        writeln!(out, "    {}", style.dim(&format!("{pages}; --similar prints them")))?;
    }
    if let Some(explanation) = &hit.explanation {
        print_explanation(out, hit, explanation, style)?;
    }
    Ok(())
}

/// So many other places of a page are named; `--json` has all.
const MAX_ALSO: usize = 3;

/// Where a copy of the page stands: its address if that is another than the page's, else its file.
fn shown_place(place: &PageLocation, hit: &Hit, style: &Style) -> String {
    match &place.url {
        Some(url) if Some(url) != hit.url.as_ref() => style.link(&printable(url), &printable(url)),
        _ => {
            let record = place.record.as_deref().map(|record| format!("#{record}")).unwrap_or_default();
            style.link(&file_url(&place.path), &printable(&format!("{}{record}", place.path)))
        }
    }
}

/// `file://` with what is no plain character of an address in per cent.
fn file_url(path: &str) -> String {
    let path = std::path::absolute(Path::new(path)).unwrap_or_else(|_| path.into());
    let mut url = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

fn say_nothing_found(text: &str) {
    let text: String = text.chars().take(80).collect();
    say(&format!("nothing found for {}", printable(&text)));
}

/// What a person at a terminal wants to know beside the hits.
fn tell(
    index: &Index,
    query: &query::Query,
    answer: &SearchResults,
    options: &SearchOptions,
    text: &str,
    is_json: bool,
) -> Result<()> {
    use std::io::IsTerminal;
    let found = || match answer.pages.filter(|_| options.is_grouped) {
        Some(pages) => Ok((pages, "page")),
        None => search::count_matches(index, query, options.with_boilerplate).map(|passages| (passages, "passage")),
    };
    if answer.hits.is_empty() {
        if !answer.has_matches {
            say_nothing_found(text);
        } else if answer.facets.is_empty() || options.limit > 0 {
            let (found, unit) = found()?;
            let none = if options.limit == 0 { "none asked for" } else { "no more hits" };
            say(&format!("{none}: {} in all", format_count(found as u64, unit)));
        }
    } else if !is_json && std::io::stdout().is_terminal() {
        let (found, unit) = found()?;
        let last = options.offset + answer.hits.len();
        if last < found {
            let (first, found) = (options.offset + 1, format_count(found as u64, unit));
            say(&format!("{first} to {last} of {found}; `--offset {last}` shows the next"));
        }
    }
    Ok(())
}
