//! The weight of every ranking signal, and the sweep that chose it.
//!
//! All weights were chosen by nDCG@10 on the development questions of NorQuAD (CC0), searched among 61,488 pages with
//! 129,687 passages (November 2026). The figures are means over five kinds of queries: whole questions, these questions
//! in Nynorsk, their two rarest words, other inflections, and compounds typed as two words. Ties between neighboring
//! values were decided by how often they rank the right passage first for the judged queries over five report pages.
//! `benches/retrieval.sh` measures these figures.
//!
//! The values that were chosen first had a mean of 0.8362, which became 0.8368 when the exact field lost its term
//! frequencies. Neighboring values, measured with `TRIGRAMS` 1.2 (mean 0.8353):
//!
//! - `K1` 0.3, `EXACT` 0.2 or 0.4, `COMPONENT` 0.3 or 0.5, `PAGE` 0.7 or 1.3 and `WORD_ORDER` 0.3 or 0.9 change the
//!   mean by 0.001 at most.
//! - `PAGE_LEAD` 0.2 and `TRIGRAMS` 0.9 lose 0.001 to 0.002.
//! - `SPLIT_COMPOUND` 1.5 loses 0.001, and 0.5 loses 0.0025.
//! - `TRIGRAMS` 1.5 is as good as 2.
//!
//! Added one after the other, page scores gained 0.008, trigrams 0.010, and word order 0.002. Joining split compounds
//! gained 0.035 on the queries with compounds typed as two words.
//!
//! Chosen later, on the same questions, each measured against the index without it (nDCG@10 of whole questions, two
//! rarest words, Nynorsk):
//!
//! - `TITLE_COVERAGE` 24 gained 0.0023, 0.0026 and 0.0010. Using the share of the title's words instead of its terms
//!   (so without the components of compounds) gained as much with weight 16, but would require loading the titles.
//!   Counting stop words or the components of the query's words as well lost 0.001 to 0.003 on the sentences of
//!   NorSumm.
//! - 2,200 groups of synonyms with `NEAR_SYNONYM` 0.5 gained 0.0021, 0.0027 and 0.0024 without `SYNONYM_FLOOR`.
//! - With all of these, `NEAR_SYNONYM` and `SYNONYM_FLOOR` 0.6 reach 0.8678, 0.7749 and 0.8533; 0.5 and 0.4 lose 0.0005
//!   to 0.0008.
//! - `TITLE_FULL_IDF` 5 loses 0.0001 for keywords (the questions without stop words) and gains 0.0003 for the two
//!   rarest words; 3 changes neither. Scoring 1.5 ×
//!   share × mean idf instead, with no upper limit, gains 0.0008 for the two rarest words and loses 0.0014 for keywords.
//!   When all terms counted the same, titles with a common word ranked first in small indexes, where every idf is low.
//! - Split compounds: searching the exact field for them, too, gained 0.005 for split
//!   compounds, counting them in the word order 0.003, and `TRIGRAM_FLOOR` 0.002. None of these changes queries without
//!   such compounds by more than 0.0002. Leaving out the synonyms of the two words gained 0.0013 at most, and nothing
//!   if they were left out only where the compound occurs in the index.
//!
//! Rejected, since they gained nothing overall on top of these:
//!
//! - weights by word length or by another power of idf
//! - pairs of words in any order within eight words
//! - separate scores for the other passages of the page
//! - numbers and dates for questions that ask for them
//! - requiring trigrams to occur in the same word: if half of the score requires this, Nynorsk loses 0.001
//! - ignoring up to half of the trigrams as coincidental: gains up to 0.002 for the two rarest words, and loses as
//!   much for inflections and Nynorsk

/// BM25's saturation and length parameters for passages. Term frequency saturates early: in a passage of at most about 200 words,
/// a second occurrence says little.
pub const K1: f64 = 0.4;
pub const B: f64 = 0.3;
/// Weight of a match of the exact form, in addition to the lemma. Also applies to split compounds.
pub const EXACT: f64 = 0.3;
/// Weight of a word that occurs only as a component of a compound: `plikt` in `taushetsplikt`.
pub const COMPONENT: f64 = 0.4;
/// Weight of a name of exactly the same thing (` = ` in a synonym group), relative to the word that was typed. The
/// development questions contain too few such names to distinguish 0 from 1.
pub const SYNONYM: f64 = 0.8;
/// Weight of a word of similar meaning (` ~ ` in a synonym group), relative to the word that was typed.
pub const NEAR_SYNONYM: f64 = 0.6;
/// Weight of the components of a compound that was typed, all together: `taushet` and `plikt` for `taushetsplikt`.
pub const QUERY_COMPONENTS: f64 = 0.5;
/// Weight of the compound of two words that were typed separately: `taushetsplikt` for `taushets plikt`.
pub const SPLIT_COMPOUND: f64 = 1.0;
/// Weight of a word in the title, and of a word in the heading. The lengths of title and heading don't count.
pub const TITLE_AND_HEADING: f64 = 0.2;
/// Weight of a stop word, in addition to other words.
pub const STOP_WORD: f64 = 0.3;
/// The factor for passages that recur on other pages of their site. Someone looking for one of these pages seldom wants
/// the passage that the pages share, but must still be able to find it. The factor is moderate for this reason: only
/// passages with more than 0.7 of the unreduced score overtake the repeated passage.
pub const REPEATED: f64 = 0.7;

/// The number of top passages that are reranked with the signals below, which are too slow for all passages.
pub const RERANK_DEPTH: usize = 100;
/// Weight of the first-stage signals, computed over the whole page of a passage.
pub const PAGE: f64 = 1.0;
/// Added to `PAGE` for the first passage of the page.
pub const PAGE_LEAD: f64 = 0.1;
/// BM25's parameters for pages.
pub const PAGE_K1: f64 = 0.9;
pub const PAGE_B: f64 = 0.1;
/// Weight of two neighboring query words that occur in a passage in the order of the query, with at most one other word
/// between them.
pub const WORD_ORDER: f64 = 0.6;
/// The number of such occurrences at which the score reaches half of `WORD_ORDER`.
pub const WORD_ORDER_HALF: f64 = 0.1;
/// Weight of the share of the title's terms that the query contains.
pub const TITLE_COVERAGE: f64 = 24.0;
/// The idf below which a term of the title counts less, in proportion to its idf: a common word says little about a
/// page.
pub const TITLE_FULL_IDF: f64 = 5.0;
/// The number of best passages whose text is loaded for `TRIGRAMS`.
pub const TRIGRAM_DEPTH: usize = 30;
/// Weight of a word whose character trigrams occur in any of the words of a passage: `reiseregningene` in a passage on
/// `reiseregningsordningen`. This matches names, loan words and misspellings that are in no lexicon. Runs of four
/// letters score no better.
pub const TRIGRAMS: f64 = 2.0;
/// A word that occurs in any form counts as having at least this share of its trigrams in the passage, because some
/// forms share none with it: `10.11.2020` matches `november`.
pub const TRIGRAM_FLOOR: f64 = 0.85;
/// The same minimum for a word that occurs only as a synonym.
pub const SYNONYM_FLOOR: f64 = 0.6;
