//! Given the text of a file, which queries, judgements or ranked documents does it hold?
//!
//! Each function takes the text and the name of its file, for messages. The forms are those of TREC and BEIR, and one
//! that a person writes by hand.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use serde::Deserialize;

use super::Grades;
use crate::error::{Error, Result};

/// A query and its name.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedQuery {
    pub id: String,
    pub text: String,
}

/// By the names of queries.
pub type Judgements = BTreeMap<String, Grades>;

/// Queries: BEIR's `queries.jsonl`, TREC topics of which the title is asked, or lines of name, tab and query.
pub fn queries(text: &str, file: &str) -> Result<Vec<JudgedQuery>> {
    let queries = match text.trim_start_matches('\u{feff}').trim_start() {
        text if text.starts_with('{') => lines(text).map(|(number, line)| beir_query(line, file, number)).collect(),
        text if text.starts_with('<') => topics(text, file),
        _ => lines(text).filter_map(|(number, line)| tab_query(line, file, number).transpose()).collect(),
    }?;
    let mut seen = HashSet::new();
    match queries.iter().find(|query| !seen.insert(&query.id)) {
        Some(query) => Err(Error::page(file, format!("two queries are named {}; give each another name", query.id))),
        None => Ok(queries),
    }
}

fn beir_query(line: &str, file: &str, number: usize) -> Result<JudgedQuery> {
    #[derive(Deserialize)]
    struct Record {
        _id: String,
        text: String,
    }
    let record: Record = serde_json::from_str(line).map_err(|error| {
        let why = format!("no query ({error}); a line is {{\"_id\": \"…\", \"text\": \"…\"}}");
        Error::page(format!("{file}:{number}"), why)
    })?;
    Ok(JudgedQuery { id: record._id, text: record.text })
}

/// `None` for a header.
fn tab_query(line: &str, file: &str, number: usize) -> Result<Option<JudgedQuery>> {
    let Some((id, text)) = line.split_once('\t') else {
        return Err(Error::page(format!("{file}:{number}"), "no query; a line is a name, a tab and the query"));
    };
    let is_header = number == 1 && ["id", "_id", "qid", "query-id", "query_id"].contains(&id);
    Ok((!is_header).then(|| JudgedQuery { id: id.trim().to_string(), text: text.trim().to_string() }))
}

fn topics(text: &str, file: &str) -> Result<Vec<JudgedQuery>> {
    let field = |topic: &str, tag: &str, label: &str| {
        let (_, rest) = topic.split_once(tag)?;
        let value = rest.split('<').next().unwrap_or(rest).trim();
        let value = value.strip_prefix(label).unwrap_or(value);
        Some(value.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|value| !value.is_empty())
    };
    let mut line = 1;
    let mut queries = Vec::new();
    for (place, topic) in text.split("<top>").enumerate() {
        if place > 0 {
            let id = field(topic, "<num>", "Number:");
            let Some((id, text)) = id.zip(field(topic, "<title>", "Topic:")) else {
                let why = "a topic without <num> or <title>; each needs both";
                return Err(Error::page(format!("{file}:{line}"), why));
            };
            queries.push(JudgedQuery { id, text });
        }
        line += topic.matches('\n').count();
    }
    Ok(queries)
}

/// Judgements: TREC's (query, something, document, grade) or BEIR's (query, document, grade, set apart by tabs).
pub fn qrels(text: &str, file: &str) -> Result<Judgements> {
    let mut judgements = Judgements::new();
    for (number, line) in lines(text) {
        let columns: Vec<&str> = if line.contains('\t') {
            line.split('\t').map(str::trim).collect()
        } else {
            line.split_whitespace().collect()
        };
        let (query, document, grade) = match columns[..] {
            [query, _, document, grade] | [query, document, grade] => (query, document, grade),
            _ => {
                let why = "no judgement; a line is `query 0 document grade`, or query, document and grade with tabs";
                return Err(Error::page(format!("{file}:{number}"), why));
            }
        };
        match grade.parse() {
            Ok(grade) => {
                judgements.entry(query.to_string()).or_default().insert(document.to_string(), grade);
            }
            Err(_) if number == 1 && ["score", "grade", "relevance", "rel"].contains(&grade) => {}
            Err(_) => {
                let why = format!("{grade:?} is no grade; write a whole number, 0 for what is not right");
                return Err(Error::page(format!("{file}:{number}"), why));
            }
        }
    }
    Ok(judgements)
}

/// A person's own judgements: lines of query, tab, and the places that are right (or `-` where nothing must be found);
/// what stands behind another tab is a note. A query is named by its text with `_` for blanks, so that a run stays
/// comparable when lines are added; one that comes again by its line, too.
///
/// Gives the queries that have an answer, the judgements, and the queries that must find nothing.
pub fn own_judgements(text: &str, file: &str) -> Result<(Vec<JudgedQuery>, Judgements, Vec<JudgedQuery>)> {
    let (mut queries, mut judgements, mut without) = (Vec::new(), Judgements::new(), Vec::new());
    let mut ids = HashSet::new();
    for (number, line) in lines(text) {
        let mut columns = line.split('\t').map(str::trim);
        let (text, places) = (columns.next().unwrap_or(""), columns.next().unwrap_or(""));
        if number == 1 && text == "query" {
            continue;
        }
        let mut id = text.split_whitespace().collect::<Vec<_>>().join("_");
        if !ids.insert(id.clone()) {
            id.push_str(&format!("#{number}"));
        }
        let query = JudgedQuery { id, text: text.to_string() };
        if places == "-" {
            without.push(query);
            continue;
        }
        let places = split_places(places);
        if text.is_empty() || places.is_empty() {
            let why = "a line is a query, a tab, and the right page or page:line, or - where nothing must be found";
            return Err(Error::page(format!("{file}:{number}"), why));
        }
        judgements.insert(query.id.clone(), places.into_iter().map(|place| (place, 1)).collect());
        queries.push(query);
    }
    Ok((queries, judgements, without))
}

/// Places are set apart by commas, or by a blank behind a line number: a file's name may hold blanks.
fn split_places(text: &str) -> Vec<String> {
    let mut places = Vec::new();
    for piece in text.split(',') {
        let mut place = String::new();
        for word in piece.split_whitespace() {
            place.push_str(if place.is_empty() { "" } else { " " });
            place.push_str(word);
            if line_of(word).is_some() {
                places.push(std::mem::take(&mut place));
            }
        }
        if !place.is_empty() {
            places.push(place);
        }
    }
    places
}

/// The page and the line of `page:line`.
pub fn line_of(place: &str) -> Option<(&str, u32)> {
    let (page, line) = place.rsplit_once(':')?;
    let is_number = line.bytes().all(|byte| byte.is_ascii_digit());
    line.parse().ok().filter(|_| is_number && !page.is_empty()).map(|line| (page, line))
}

/// A TREC run: for each query its documents, best first. As trec_eval does, by score, equals by name from the last to
/// the first; the rank that is written is not looked at.
pub fn run(text: &str, file: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let mut scored: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
    for (number, line) in lines(text) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let parsed = match columns[..] {
            [query, _, document, _, score, _] => score.parse().ok().map(|score: f64| (query, document, score)),
            _ => None,
        };
        let Some((query, document, score)) = parsed.filter(|(_, _, score)| !score.is_nan()) else {
            let why = "no line of a TREC run; it is `query Q0 document rank score name`";
            return Err(Error::page(format!("{file}:{number}"), why));
        };
        scored.entry(query.to_string()).or_default().push((score, document.to_string()));
    }
    let ranked = |mut documents: Vec<(f64, String)>| {
        documents.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| other.1.cmp(&one.1)));
        let mut seen = HashSet::new();
        documents.into_iter().map(|(_, name)| name).filter(|name| seen.insert(name.clone())).collect()
    };
    Ok(scored.into_iter().map(|(query, documents)| (query, ranked(documents))).collect())
}

/// The lines of a run for one query. Tools order by score and break ties by name, so the score is the place counted from
/// the bottom; they cut at blanks, so those of names become %20.
pub fn trec_run(query: &str, ranked: &[String]) -> String {
    let mut lines = String::new();
    let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join("%20");
    for (place, document) in ranked.iter().enumerate() {
        let score = ranked.len() - place;
        let _ = writeln!(lines, "{} Q0 {} {} {score} treff", plain(query), plain(document), place + 1);
    }
    lines
}

/// The lines that hold something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_queries(text: &str, expected: &[(&str, &str)]) {
        let expected: Vec<JudgedQuery> =
            expected.iter().map(|(id, text)| JudgedQuery { id: id.to_string(), text: text.to_string() }).collect();
        assert_eq!(queries(text, "q").unwrap(), expected);
    }

    #[test]
    fn queries_in_three_forms() {
        check_queries(
            "\u{feff}{\"_id\": \"a\", \"text\": \"én \\\"to\\\"\", \"metadata\": {}}\r\n",
            &[("a", "én \"to\"")],
        );
        check_queries("qid\ttext\n1\t\"én to\"\n\n2\ttre\r\n", &[("1", "\"én to\""), ("2", "tre")]);
        check_queries(
            "<top>\n<num> Number: 301\n<title> én\n  to\n\n<desc> Description:\nmer\n</top>\n<top><num>2</num><title>tre</title></top>",
            &[("301", "én to"), ("2", "tre")],
        );
    }

    #[track_caller]
    fn check_error<T: std::fmt::Debug>(parsed: Result<T>, begins: &str) {
        let error = parsed.unwrap_err().to_string();
        assert!(error.starts_with(begins), "{error}");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        check_error(queries("1\ta\nb\n", "q.tsv"), "q.tsv:2: no query");
        check_error(queries("{\"_id\": \"a\", \"text\": \"b\"}\n{\"_id\": 1}", "q.jsonl"), "q.jsonl:2: no query");
        check_error(queries("<top>\n<num> 1\n<title> a\n</top>\n<top>\n</top>", "q"), "q:5: a topic without");
        check_error(queries("1\ta\n1\tb\n", "q.tsv"), "q.tsv: two queries are named 1");
        check_error(qrels("a 0 d 1\nb 0 d\tx\n", "r"), "r:2: no judgement");
        check_error(qrels("a 0 d 1\nb 0 d 0.5\n", "r"), "r:2: \"0.5\" is no grade");
        check_error(run("a Q0 d 1 0.5\n", "run"), "run:1: no line of a TREC run");
        check_error(own_judgements("ord\n", "j.tsv"), "j.tsv:1: a line is a query");
    }

    #[test]
    fn judgements_in_two_forms() {
        let trec = qrels("q1 0 d1 2\nq1 0 d2 0\nq2\t0\td 3\t-1\n", "r").unwrap();
        assert_eq!(trec, qrels("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td 3\t-1\n", "r").unwrap());
        assert_eq!(trec["q1"]["d1"], 2);
        assert_eq!(trec["q2"]["d 3"], -1);
    }

    #[test]
    fn own_judgements_name_places() {
        let text = "query\tright\tnote\nto ord\ta.txt:3 b c.txt:5,d.txt\t\"merk\nFacebook\t-\n";
        let (queries, judgements, without) = own_judgements(text, "j").unwrap();
        assert_eq!(queries, [JudgedQuery { id: "to_ord".into(), text: "to ord".into() }]);
        assert_eq!(judgements["to_ord"].keys().collect::<Vec<_>>(), ["a.txt:3", "b c.txt:5", "d.txt"]);
        assert_eq!(without, [JudgedQuery { id: "Facebook".into(), text: "Facebook".into() }]);
    }

    #[test]
    fn a_run_is_read_as_it_is_written() {
        let ranked: Vec<String> = ["b", "a", "min side.txt:3"].map(String::from).to_vec();
        let written = trec_run("q", &ranked);
        assert_eq!(written.lines().last(), Some("q Q0 min%20side.txt:3 3 1 treff"));
        assert_eq!(run(&written, "run").unwrap()["q"], ["b", "a", "min%20side.txt:3"]);
        let ties = "q Q0 a 1 0.5 x\nq Q0 b 2 0.5 x\nq Q0 c 3 0.75 x\n";
        assert_eq!(run(ties, "run").unwrap()["q"], ["c", "b", "a"]);
    }
}
