//! What counts how much in ranking: every weight, and the sweep that chose it.
//!
//! All were chosen by nDCG@10 on the development questions of NorQuAD (CC0) among 61,488 pages of 129,687 passages
//! (November 2026), as the mean over five kinds of queries: whole questions, the same in Nynorsk, their two rarest words,
//! other inflections, compounds typed apart; of neighbours that are equal there, those that put the right passage of the
//! judged queries over five report pages first more often. `benches/retrieval.sh` measures them. With those below the mean
//! is 0.8368, and was 0.8362 when they were chosen and exact forms had frequencies. Their neighbours were tried with LETTERS
//! 1.2, mean 0.8353: K1 0.3, EXACT 0.2 or 0.4, PART 0.3 or 0.5, PAGE 0.7 or 1.3 and ORDER 0.3 or 0.9 change that by 0.001 at the most; LEAD 0.2 and LETTERS 0.9 lose 0.001 to 0.002, JOINED
//! 1.5 loses 0.001 and 0.5 0.0025; LETTERS 1.5 is as good as 2. Added one after the other, the page gave 0.008, the letters
//! 0.010, the order of words 0.002, and what joins compounds typed apart 0.035 for these. Not taken, since they gave nothing
//! beside these: weights by the length of words or another power of idf, pairs of words in any order within eight, other
//! passages of the page by themselves, numbers and dates for questions that ask for them.

/// BM25's saturation and length parameters of a passage. Saturation is early, since in a passage of some 200 words at the
/// most a second mention tells little.
pub const K1: f64 = 0.4;
pub const B: f64 = 0.3;
/// How much a match of the exact form adds to that of the lemma.
pub const EXACT: f64 = 0.3;
/// What a word counts that stands as a part of a compound only: "plikt" in "taushetsplikt".
pub const PART: f64 = 0.4;
/// What a synonym counts in the place of the words that were typed; the questions of that set hold too few to tell
/// 0 from 1.
pub const SYNONYM: f64 = 0.8;
/// What the parts of a compound that was typed add, all together: "taushet" and "plikt" for "taushetsplikt".
pub const OWN_PARTS: f64 = 0.5;
/// What a compound adds that was typed apart: "taushetsplikt" for "taushets plikt".
pub const JOINED: f64 = 1.0;
/// What words of the title add, and of the heading. Their length tells nothing.
pub const CONTEXT: f64 = 0.2;
/// What a stop word adds beside other words.
pub const STOP: f64 = 0.3;
/// What every page of a site says is seldom what was looked for in one of them: only ties and near-ties turn.
pub const REPEATED: f64 = 0.7;

/// So many of the best passages are looked at a second time: the signals below are dear.
pub const LOOKED_AT: usize = 100;
/// What the same signals add of the page that a passage stands in, and BM25's parameters for pages.
pub const PAGE: f64 = 1.0;
/// What it adds more for the page's first passage.
pub const LEAD: f64 = 0.1;
pub const PAGE_K1: f64 = 0.9;
pub const PAGE_B: f64 = 0.1;
/// What two words of the query add that stand in its order in a passage, with one other between them at the most; and
/// half of what so many times count for.
pub const ORDER: f64 = 0.6;
pub const ORDER_HALF: f64 = 0.1;
/// Of so many of the best passages the text is read.
pub const READ: usize = 30;
/// What a word adds whose letters, three by three, stand in the passage in whatever words: "reiseregningene" in one on
/// "reiseregningsordningen". It reaches names, loans and misspellings that no lexicon knows. Runs of four letters are no
/// better.
pub const LETTERS: f64 = 2.0;
/// What the letters of a word count at least that stands there in another form: "10.11.2020" has none of "november".
pub const STANDS: f64 = 0.85;
