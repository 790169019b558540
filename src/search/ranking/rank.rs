//! Two-stage ranking: MaxScore over BM25 signals selects the best passages of all segments, then `rerank` refines them.
//!
//! Scores and order don't depend on how the index is divided into segments: scores are sums that are exact in any order
//! (`bm25`), ties are broken by page (`tie_break`), and no passage that could be among the best is skipped. tantivy's
//! own top-k (block-max WAND) is not used, because its block bounds assume the average length of a segment, not of the
//! index. With it, an updated index would return different hits from a new one.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, SegmentReader, Term};

use super::maxscore::{self, SegmentScorer};
use super::rerank::{LoadedPassages, rerank};
use super::signal_scorer::SignalScorer;
use super::signals::{Signal, query_signals};
use super::tie_break::{partition_top, sort_top};
use super::top_k::{RankStage, ScoredPassage, TopK};
use super::weights::{REPEATED, RERANK_DEPTH};
use crate::error::Result;
use crate::index::REPEATED_ON_SITE;
use crate::query::Query;
use crate::search::matching::{ConstraintMatcher, MatchCounter, PostingsCursor};
use crate::search::scope::SearchScope;

/// The `k` best passages, best first, ties by page and position in the page; if the search is stopped, the best of those
/// found by then. `idfs` come from `query_idfs`. With `count`, the number of passages that match is added to it.
/// Passages that had to be loaded are added to `loaded`.
pub fn top_k(
    scope: &SearchScope,
    query: &Query,
    idfs: &[f64],
    k: usize,
    count: Option<&mut usize>,
    loaded: &mut LoadedPassages,
) -> Result<Vec<ScoredPassage>> {
    let signals = query_signals(scope, query, idfs)?;
    let depth = if scope.is_content { k.max(RERANK_DEPTH) } else { k };
    let mut top = TopK::new(depth);
    for_each_scored(scope, query, &signals, count, |scored| top.push(scored))?;
    let mut best = top.into_passages();
    if scope.is_content && depth == RERANK_DEPTH {
        // All of them are reranked, so their order doesn't matter yet.
        partition_top(scope.index, &mut best, depth)?;
    } else {
        sort_top(scope.index, &mut best, depth)?;
    }
    best.truncate(depth);
    if scope.is_content && !scope.stop.is_stopped() {
        let reranked = best.len().min(RERANK_DEPTH);
        rerank(scope, query, idfs, &signals, &mut best[..reranked], k, loaded)?;
    }
    best.truncate(k);
    Ok(best)
}

/// Calls `visit` with every passage that matches and its first-stage score, in no particular order.
pub fn for_each_match(
    scope: &SearchScope,
    query: &Query,
    idfs: &[f64],
    mut visit: impl FnMut(ScoredPassage),
) -> Result<()> {
    let visit_all = |scored| {
        visit(scored);
        f64::NEG_INFINITY
    };
    for_each_scored(scope, query, &query_signals(scope, query, idfs)?, None, visit_all)
}

/// Calls `collect` with the passages that match, segment by segment. `collect` returns the new threshold; passages that
/// score below it may be skipped. With `count`, the number of passages that match is added to it.
fn for_each_scored(
    scope: &SearchScope,
    query: &Query,
    signals: &[Signal],
    mut count: Option<&mut usize>,
    mut collect: impl FnMut(ScoredPassage) -> f64,
) -> Result<()> {
    let mut threshold = f64::NEG_INFINITY;
    for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
        let mut scorer = SegmentScorer::open(scope, segment_ord, query, signals, count.is_some())?;
        if scope.stop.should_stop() {
            break;
        }
        let mut repeated = open_repeated(scope, segment)?;
        let collect = |doc, score| {
            let is_repeated = repeated.as_mut().is_some_and(|postings| postings.seek(doc) == doc);
            let score = if is_repeated { score * REPEATED } else { score };
            let address = DocAddress::new(segment_ord, doc);
            collect(ScoredPassage { address, score, is_repeated, stage: RankStage::FirstStage })
        };
        maxscore::for_each_scored(segment, &mut scorer, &mut threshold, scope.stop, collect);
        if let (Some(count), Some(counter)) = (&mut count, &scorer.counter) {
            **count += counter.count;
        }
        scorer.finish()?;
    }
    Ok(())
}

impl<'a> SegmentScorer<'a> {
    /// `counts` is whether to count all matches. If the search is stopped meanwhile, some signals are missing.
    fn open<'s>(
        scope: &'a SearchScope,
        segment_ord: u32,
        query: &'a Query,
        signals: impl IntoIterator<Item = &'s Signal<'s>>,
        counts: bool,
    ) -> Result<SegmentScorer<'a>> {
        let mut scorers = Vec::new();
        for signal in signals {
            if scope.stop.should_stop() {
                break;
            }
            scorers.extend(SignalScorer::open(scope, segment_ord, signal)?);
        }
        let needs_match = query.must_match_word && !query.implies_word_match();
        let constraint = ConstraintMatcher::open(scope, segment_ord, query)?;
        let segment = scope.segment(segment_ord);
        let counter = counts.then(|| MatchCounter::open(scope, segment, query)).transpose()?;
        Ok(SegmentScorer { signals: scorers, constraint, needs_match, counter })
    }

    /// Returns the first error that occurred while documents were tested.
    fn finish(mut self) -> Result<()> {
        self.constraint.as_mut().and_then(ConstraintMatcher::take_error).map_or(Ok(()), Err)
    }
}

/// The passages that recur on other pages of their site. Most indexes have none, and opening a field without terms is
/// slow.
fn open_repeated(scope: &SearchScope, segment: &SegmentReader) -> Result<Option<PostingsCursor>> {
    if scope.index.repeated == 0 {
        return Ok(None);
    }
    let field = scope.fields.duplicate_key;
    let term = Term::from_field_u64(field, REPEATED_ON_SITE);
    PostingsCursor::open(segment.inverted_index(field)?.as_ref(), &term, IndexRecordOption::Basic)
}

/// Compares the pruned top k with brute force: every document of every segment, scored and tested one by one.
#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::Path;
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::test_runner::Config;

    use super::super::signals::query_idfs;
    use super::*;
    use crate::index::{self, Index, TextColumn, UpdateOptions};
    use crate::query::{Synonyms, parse};
    use crate::search::interrupt::Interrupt;
    use crate::search::matching::count_matches;
    use crate::search::terms::expand_patterns;

    /// The most common word first.
    const WORDS: [&str; 12] = [
        "skole",
        "kommune",
        "plikt",
        "barnehagen",
        "tilbud",
        "elever",
        "taushetsplikt",
        "samarbeid",
        "skoleplikten",
        "vedtaket",
        "rapporter",
        "ungdom",
    ];

    /// Repeated five times, it is a separate passage that recurs on the pages of a site.
    const SITE_TEXT: &str = "Alle kommuner har plikt til å gi elever i skole og barnehage et forsvarlig tilbud, og et \
        vedtak om dette kan påklages til statsforvalteren innen tre uker fra vedtaket ble mottatt av foreldrene. ";

    const ATOMS: [&str; 30] = [
        "skole",
        "kommuner",
        "plikt",
        "barnehage",
        "taushetsplikt",
        "taushets plikt",
        "skoleplikt",
        "samarbeid",
        "vedtak",
        "rapport",
        "om",
        "og",
        "påklage",
        "facebook",
        "+skole",
        "+vedtak",
        "-kommune",
        "-\"om plikt\"",
        "(skole OR tilbud)",
        "\"plikt om\"",
        "\"skole kommune\"",
        "=\"skole kommune\"",
        "\"plikt elever\"~4",
        "rapport*",
        "*er*",
        "s*",
        "title:skole",
        "title:plikt",
        "NOT title:kommune",
        "om skole",
    ];

    const FILTERS: [&str; 8] =
        ["source:nibr", "-source:nibr", "site:a.no", "lang:nb", "date:2019", "date:>=2018", "path:*1*", "-date:2018"];

    /// A page's text and metadata are derived from these numbers, so that equal numbers make ties and copies.
    #[derive(Clone, Debug)]
    struct PageSpec {
        text: u8,
        metadata: u8,
    }

    impl PageSpec {
        fn json(&self, number: usize) -> serde_json::Value {
            // Marsaglia's xorshift.
            let mut state = u32::from(self.text) * 2_654_435 + 1;
            let mut random = |below: usize| {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state as usize % below
            };
            let mut word = || WORDS[random(WORDS.len()).min(random(WORDS.len()))];
            let words: Vec<&str> = (0..3 + self.text % 13).map(|_| word()).collect();
            let sentence = format!("Saken handler om {}.", words.join(" "));
            let menu = ["skole", "vedtak"][usize::from(self.metadata % 2)];
            let mut text = format!("Min kommune\nTjenester om {menu}\nMeld inn\n\n{sentence}\n\nFacebook\nSkriv ut\n");
            if self.text.is_multiple_of(8) {
                let paragraph = format!("{sentence} {}", word().repeat(2)).repeat(9);
                write!(text, "\n{paragraph}\n\n{paragraph} {}\n", word()).unwrap();
            }
            if self.metadata.is_multiple_of(3) {
                write!(text, "\n{}\n", SITE_TEXT.repeat(5)).unwrap();
            }
            let site = if self.metadata.is_multiple_of(3) { "a" } else { "b" };
            serde_json::json!({
                "id": number,
                "title": if self.metadata % 4 == 1 { format!("{} {}", words[0], words[1]) } else { String::new() },
                "url": format!("https://{site}.no/{number}"),
                "source": if self.metadata % 5 < 2 { "NIBR" } else { "Utdanning" },
                "date": format!("{}-03-0{}", 2017 + u32::from(self.metadata % 4), 1 + self.metadata % 7),
                "text": text,
            })
        }
    }

    /// The pages that each update adds. A final update removes one in every `removed_every` pages that the first
    /// one added.
    #[derive(Clone, Debug)]
    struct Corpus {
        updates: Vec<Vec<PageSpec>>,
        removed_every: usize,
    }

    fn any_corpus() -> impl Strategy<Value = Corpus> {
        let page = (any::<u8>(), 0..20_u8).prop_map(|(text, metadata)| PageSpec { text, metadata });
        let updates = (vec(page.clone(), 1..600), vec(vec(page, 1..100), 0..3));
        (updates, 2..9_usize).prop_map(|((first, mut updates), removed_every)| {
            updates.insert(0, first);
            Corpus { updates, removed_every }
        })
    }

    fn any_query() -> impl Strategy<Value = String> {
        let atoms = |count| vec(select(&ATOMS[..]), count);
        let filters = || vec(select(&FILTERS[..]), 1..3);
        prop_oneof![
            6 => atoms(1..5),
            3 => (atoms(1..4), filters()).prop_map(|(atoms, filters)| [atoms, filters].concat()),
            1 => filters(),
        ]
        .prop_map(|parts| parts.join(" "))
    }

    fn build(dir: &Path, corpus: &Corpus) -> Index {
        let (index, pages) = (dir.join("index"), dir.join("pages"));
        std::fs::create_dir(&pages).unwrap();
        let write = |number: usize, without: Option<usize>| {
            let specs = corpus.updates[number].iter().enumerate();
            let kept = specs.filter(|(at, _)| without.is_none_or(|without| at % without != 1));
            let lines: Vec<String> = kept.map(|(at, spec)| spec.json(at).to_string()).collect();
            std::fs::write(pages.join(format!("{number}.jsonl")), lines.join("\n")).unwrap();
        };
        let update = || {
            let paths = std::slice::from_ref(&pages);
            let options = UpdateOptions {
                index: &index,
                paths,
                default_path: Some(&pages),
                rebuild: false,
                keep_all: false,
                lock_timeout: Duration::from_secs(60),
                progress: &|_| {},
            };
            index::update(&options).unwrap();
        };
        for number in 0..corpus.updates.len() {
            write(number, None);
            update();
        }
        write(0, Some(corpus.removed_every));
        update();
        index::open(&index).unwrap()
    }

    /// All matches with their first-stage scores, best first, ties by page and position.
    fn rank_all(scope: &SearchScope, query: &crate::query::Query, signals: &[Signal]) -> Vec<ScoredPassage> {
        let columns = &scope.index.fast_fields;
        let mut all = Vec::new();
        for (segment_ord, segment) in (0u32..).zip(scope.segments()) {
            let open = |signal| SignalScorer::open(scope, segment_ord, signal).unwrap();
            let mut scorers: Vec<SignalScorer> = signals.iter().filter_map(open).collect();
            let mut constraint = ConstraintMatcher::open(scope, segment_ord, query).unwrap();
            let mut repeated = open_repeated(scope, segment).unwrap();
            let pages = columns.page_spans(segment_ord).unwrap();
            for doc in segment.doc_ids_alive() {
                let (mut score, mut is_match) = (0.0, !query.must_match_word);
                for scorer in &mut scorers {
                    let signal_score = scorer.score(doc);
                    score += signal_score;
                    is_match |= scorer.is_matching && signal_score > 0.0;
                }
                if is_match && constraint.as_mut().is_none_or(|constraint| constraint.matches(doc)) {
                    let is_repeated = repeated.as_mut().is_some_and(|postings| postings.seek(doc) == doc);
                    let score = if is_repeated { score * REPEATED } else { score };
                    let address = DocAddress::new(segment_ord, doc);
                    let scored = ScoredPassage { address, score, is_repeated, stage: RankStage::FirstStage };
                    let page = columns.text(address, TextColumn::Page).unwrap();
                    all.push((page, doc - pages.first(doc), scored));
                }
            }
        }
        all.sort_by(|(page, position, one), (other_page, other_position, other)| {
            other.score.total_cmp(&one.score).then((page, position).cmp(&(other_page, other_position)))
        });
        all.into_iter().map(|(_, _, scored)| scored).collect()
    }

    fn ids_and_bits(passages: &[ScoredPassage]) -> Vec<(DocAddress, u64)> {
        passages.iter().map(|scored| (scored.address, scored.score.to_bits())).collect()
    }

    fn check_query(scope: &SearchScope, text: &str) {
        let mut query = parse(text, &Synonyms::builtin());
        expand_patterns(scope.index, &mut query, true, &Interrupt::NEVER).unwrap();
        let idfs = query_idfs(scope, &query).unwrap();
        let signals = query_signals(scope, &query, &idfs).unwrap();
        let all = rank_all(scope, &query, &signals);
        assert_eq!(count_matches(scope, &query).unwrap(), all.len());
        let mut matches = Vec::new();
        for_each_match(scope, &query, &idfs, |scored| matches.push(scored)).unwrap();
        sort_top(scope.index, &mut matches, usize::MAX).unwrap();
        assert_eq!(ids_and_bits(&matches), ids_and_bits(&all));
        for k in [1, 4, 5, 20, 90, 91, 400, 401] {
            let (mut top, mut count) = (TopK::new(k), 0);
            let counts = k % 2 == 0;
            let counted = counts.then_some(&mut count);
            for_each_scored(scope, &query, &signals, counted, |scored| top.push(scored)).unwrap();
            assert!(!counts || count == all.len(), "{count} of {} passages with {text}", all.len());
            let mut best = top.into_passages();
            let mut before: Vec<DocAddress> = best.iter().map(|scored| scored.address).collect();
            sort_top(scope.index, &mut best, k).unwrap();
            let mut after: Vec<DocAddress> = best.iter().map(|scored| scored.address).collect();
            before.sort();
            after.sort();
            assert_eq!(before, after, "sorting keeps every passage");
            best.truncate(k);
            assert_eq!(ids_and_bits(&best), ids_and_bits(&all[..k.min(all.len())]), "the best {} of {}", k, text);
        }
        let mut reranked = all.clone();
        if scope.is_content {
            let depth = all.len().min(RERANK_DEPTH);
            let mut loaded = LoadedPassages::default();
            rerank(scope, &query, &idfs, &signals, &mut reranked[..depth], usize::MAX, &mut loaded).unwrap();
        }
        for k in [0, 1, 10, 150] {
            let best = top_k(scope, &query, &idfs, k, None, &mut LoadedPassages::default()).unwrap();
            let expected = &reranked[..k.min(reranked.len())];
            assert_eq!(ids_and_bits(&best), ids_and_bits(expected), "the best {} of {}, reranked", k, text);
        }
    }

    proptest! {
        #![proptest_config(Config { cases: 4, max_shrink_iters: 60, ..Config::default() })]

        #[test]
        fn pruning_never_changes_the_top_k(corpus in any_corpus(), queries in vec(any_query(), 10)) {
            let dir = tempfile::tempdir().unwrap();
            let index = build(dir.path(), &corpus);
            for text in &queries {
                check_query(&SearchScope::content(&index), text);
                check_query(&SearchScope::boilerplate(&index), text);
            }
        }
    }
}
