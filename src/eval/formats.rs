//! Parses queries, judgments and runs in the formats of TREC and BEIR, and judgments that a user writes by hand; writes
//! TREC runs.
//!
//! Each parser takes a text, and the name of its file for error messages.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use serde::Deserialize;

use super::measures::Grades;
use crate::error::{Error, Result};

/// A query and its id.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedQuery {
    pub id: String,
    pub text: String,
}

/// The grades of each query, by query id.
pub type Judgments = BTreeMap<String, Grades>;

/// Parses queries: BEIR's `queries.jsonl`, TREC topics (their titles), or lines of id, tab and query.
pub fn parse_queries(text: &str, file: &str) -> Result<Vec<JudgedQuery>> {
    let queries = match text.trim_start_matches('\u{feff}').trim_start() {
        text if text.starts_with('{') => {
            lines(text).map(|(number, line)| parse_beir_query(line, file, number)).collect()
        }
        text if text.starts_with('<') => parse_topics(text, file),
        _ => lines(text).filter_map(|(number, line)| parse_tab_query(line, file, number).transpose()).collect(),
    }?;
    let mut seen = HashSet::new();
    match queries.iter().find(|query| !seen.insert(&query.id)) {
        Some(query) => Err(Error::input_file(file, None, format!("two queries have the id {}; rename one", query.id))),
        None => Ok(queries),
    }
}

fn parse_beir_query(line: &str, file: &str, number: usize) -> Result<JudgedQuery> {
    #[derive(Deserialize)]
    struct Record {
        _id: String,
        text: String,
    }
    let record: Record = serde_json::from_str(line).map_err(|error| {
        let reason = format!("not a query ({error}); a line is {{\"_id\": \"…\", \"text\": \"…\"}}");
        Error::input_file(file, Some(number), reason)
    })?;
    Ok(JudgedQuery { id: record._id, text: record.text })
}

/// Returns `None` for a header.
fn parse_tab_query(line: &str, file: &str, number: usize) -> Result<Option<JudgedQuery>> {
    let Some((id, text)) = line.split_once('\t') else {
        return Err(Error::input_file(file, Some(number), "not a query; a line is an id, a tab and the query"));
    };
    let is_header = number == 1 && ["id", "_id", "qid", "query-id", "query_id"].contains(&id);
    Ok((!is_header).then(|| JudgedQuery { id: id.trim().to_string(), text: text.trim().to_string() }))
}

fn parse_topics(text: &str, file: &str) -> Result<Vec<JudgedQuery>> {
    let field = |topic: &str, tag: &str, label: &str| {
        let (_, rest) = topic.split_once(tag)?;
        let value = rest.split('<').next().unwrap_or(rest).trim();
        let value = value.strip_prefix(label).unwrap_or(value);
        Some(value.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|value| !value.is_empty())
    };
    let mut line = 1;
    let mut queries = Vec::new();
    for (index, topic) in text.split("<top>").enumerate() {
        if index > 0 {
            let id = field(topic, "<num>", "Number:");
            let Some((id, text)) = id.zip(field(topic, "<title>", "Topic:")) else {
                return Err(Error::input_file(file, Some(line), "a topic needs <num> and <title>"));
            };
            queries.push(JudgedQuery { id, text });
        }
        line += topic.matches('\n').count();
    }
    Ok(queries)
}

/// Parses judgments: TREC's (query, unused column, document, grade) or BEIR's (query, document, grade, separated by
/// tabs).
pub fn parse_qrels(text: &str, file: &str) -> Result<Judgments> {
    let mut judgments = Judgments::new();
    for (number, line) in lines(text) {
        let columns: Vec<&str> = if line.contains('\t') {
            line.split('\t').map(str::trim).collect()
        } else {
            line.split_whitespace().collect()
        };
        let (query, document, grade) = match columns[..] {
            [query, _, document, grade] | [query, document, grade] => (query, document, grade),
            _ => {
                let reason =
                    "not a judgment; a line is `query 0 document grade`, or query, document, grade separated by tabs";
                return Err(Error::input_file(file, Some(number), reason));
            }
        };
        match grade.parse() {
            Ok(grade) => {
                judgments.entry(query.to_string()).or_default().insert(document.to_string(), grade);
            }
            // A header.
            Err(_) if number == 1 && ["score", "grade", "relevance", "rel"].contains(&grade) => {}
            Err(_) => {
                let reason = format!("{grade:?} is not a grade; a grade is a whole number, 0 if not relevant");
                return Err(Error::input_file(file, Some(number), reason));
            }
        }
    }
    Ok(judgments)
}

/// The queries and judgments that a user wrote in one file.
#[derive(Debug)]
pub struct OwnJudgments {
    /// The queries that have relevant places.
    pub queries: Vec<JudgedQuery>,
    pub judgments: Judgments,
    /// The queries that must find nothing.
    pub without_answer: Vec<JudgedQuery>,
}

/// Parses a user's own judgments: lines of query, tab, and the relevant places, or `-` for a query that must have no
/// hits. Text after another tab is a note.
///
/// The id of a query is its text with `_` for blanks, so that a run stays comparable when lines are added. If the same
/// query occurs again, its line number is appended.
pub fn parse_own_judgments(text: &str, file: &str) -> Result<OwnJudgments> {
    let mut own = OwnJudgments { queries: Vec::new(), judgments: Judgments::new(), without_answer: Vec::new() };
    let mut ids = HashSet::new();
    for (number, line) in lines(text) {
        let mut columns = line.split('\t').map(str::trim);
        let (text, places) = (columns.next().unwrap_or(""), columns.next().unwrap_or(""));
        let is_header = number == 1 && text == "query";
        if is_header {
            continue;
        }
        let mut id = text.split_whitespace().collect::<Vec<_>>().join("_");
        if !ids.insert(id.clone()) {
            id.push_str(&format!("#{number}"));
        }
        let query = JudgedQuery { id, text: text.to_string() };
        if places == "-" {
            own.without_answer.push(query);
            continue;
        }
        let places = split_places(places);
        if text.is_empty() || places.is_empty() {
            let reason =
                "a line is a query, a tab, and the relevant page or page:line, or - if the query must find nothing";
            return Err(Error::input_file(file, Some(number), reason));
        }
        own.judgments.insert(query.id.clone(), places.into_iter().map(|place| (place, 1)).collect());
        own.queries.push(query);
    }
    Ok(own)
}

/// Splits a list of places at commas, and at blanks that follow a line number. Other blanks may be part of a file name.
fn split_places(text: &str) -> Vec<String> {
    let mut places = Vec::new();
    for between_commas in text.split(',') {
        let mut place = String::new();
        for word in between_commas.split_whitespace() {
            place.push_str(if place.is_empty() { "" } else { " " });
            place.push_str(word);
            if page_and_line(word).is_some() {
                places.push(std::mem::take(&mut place));
            }
        }
        if !place.is_empty() {
            places.push(place);
        }
    }
    places
}

/// Splits `page:line`. `None` if there is no line number.
pub fn page_and_line(place: &str) -> Option<(&str, u32)> {
    let (page, line) = place.rsplit_once(':')?;
    let is_number = line.bytes().all(|byte| byte.is_ascii_digit());
    line.parse().ok().filter(|_| is_number && !page.is_empty()).map(|line| (page, line))
}

/// Parses a TREC run into the documents of each query, best first. Like trec_eval, it orders documents by score, and
/// those with equal scores by name in descending order; it ignores the rank column.
pub fn parse_trec_run(text: &str, file: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let mut scored: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
    for (number, line) in lines(text) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let parsed = match columns[..] {
            [query, _, document, _, score, _] => score.parse().ok().map(|score: f64| (query, document, score)),
            _ => None,
        };
        let Some((query, document, score)) = parsed.filter(|(_, _, score)| !score.is_nan()) else {
            let reason = "not a line of a TREC run; a line is `query Q0 document rank score name`";
            return Err(Error::input_file(file, Some(number), reason));
        };
        scored.entry(query.to_string()).or_default().push((score, document.to_string()));
    }
    let rank = |mut documents: Vec<(f64, String)>| {
        documents.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| other.1.cmp(&one.1)));
        let mut seen = HashSet::new();
        documents.into_iter().map(|(_, name)| name).filter(|name| seen.insert(name.clone())).collect()
    };
    Ok(scored.into_iter().map(|(query, documents)| (query, rank(documents))).collect())
}

/// The lines of a TREC run for one query.
///
/// Other tools order by score and break ties by name, so the scores count down from the length of the ranking. They
/// also split lines at blanks, so blanks in names are written as `%20`.
pub fn trec_run(query: &str, ranking: &[String]) -> String {
    let mut lines = String::new();
    let escape = |name: &str| name.split_whitespace().collect::<Vec<_>>().join("%20");
    for (index, document) in ranking.iter().enumerate() {
        let score = ranking.len() - index;
        let _ = writeln!(lines, "{} Q0 {} {} {score} treff", escape(query), escape(document), index + 1);
    }
    lines
}

/// The lines that are not blank, with their numbers, counted from 1.
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
        assert_eq!(parse_queries(text, "q").unwrap(), expected);
    }

    #[test]
    fn parses_queries_in_three_formats() {
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
    fn check_error<T: std::fmt::Debug>(parsed: Result<T>, expected_start: &str) {
        let error = parsed.unwrap_err().to_string();
        assert!(error.starts_with(expected_start), "{error}");
    }

    #[test]
    fn errors_name_file_and_line() {
        check_error(parse_queries("1\ta\nb\n", "q.tsv"), "q.tsv:2: not a query");
        check_error(
            parse_queries("{\"_id\": \"a\", \"text\": \"b\"}\n{\"_id\": 1}", "q.jsonl"),
            "q.jsonl:2: not a query",
        );
        check_error(parse_queries("<top>\n<num> 1\n<title> a\n</top>\n<top>\n</top>", "q"), "q:5: a topic needs");
        check_error(parse_queries("1\ta\n1\tb\n", "q.tsv"), "q.tsv: two queries have the id 1");
        check_error(parse_qrels("a 0 d 1\nb 0 d\tx\n", "r"), "r:2: not a judgment");
        check_error(parse_qrels("a 0 d 1\nb 0 d 0.5\n", "r"), "r:2: \"0.5\" is not a grade");
        check_error(parse_trec_run("a Q0 d 1 0.5\n", "run"), "run:1: not a line of a TREC run");
        check_error(parse_own_judgments("ord\n", "j.tsv"), "j.tsv:1: a line is a query");
    }

    #[test]
    fn parses_judgments_in_two_formats() {
        let trec = parse_qrels("q1 0 d1 2\nq1 0 d2 0\nq2\t0\td 3\t-1\n", "r").unwrap();
        let beir = parse_qrels("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td 3\t-1\n", "r").unwrap();
        assert_eq!(trec, beir);
        assert_eq!(trec["q1"]["d1"], 2);
        assert_eq!(trec["q2"]["d 3"], -1);
    }

    #[test]
    fn splits_a_list_of_relevant_places() {
        let text = "query\tright\tnote\nto ord\ta.txt:3 b c.txt:5,d.txt\t\"merk\nFacebook\t-\n";
        let own = parse_own_judgments(text, "j").unwrap();
        assert_eq!(own.queries, [JudgedQuery { id: "to_ord".into(), text: "to ord".into() }]);
        assert_eq!(own.judgments["to_ord"].keys().collect::<Vec<_>>(), ["a.txt:3", "b c.txt:5", "d.txt"]);
        assert_eq!(own.without_answer, [JudgedQuery { id: "Facebook".into(), text: "Facebook".into() }]);
    }

    #[test]
    fn runs_round_trip() {
        let ranking: Vec<String> = ["b", "a", "min side.txt:3"].map(String::from).to_vec();
        let written = trec_run("q", &ranking);
        assert_eq!(written.lines().last(), Some("q Q0 min%20side.txt:3 3 1 treff"));
        assert_eq!(parse_trec_run(&written, "run").unwrap()["q"], ["b", "a", "min%20side.txt:3"]);
        let ties = "q Q0 a 1 0.5 x\nq Q0 b 2 0.5 x\nq Q0 c 3 0.75 x\n";
        assert_eq!(parse_trec_run(ties, "run").unwrap()["q"], ["c", "b", "a"]);
    }
}
