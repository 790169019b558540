//! Ranking: BM25 signals, top-k selection with MaxScore pruning, and reranking of the best passages.

mod bm25;
mod maxscore;
mod rank;
mod rerank;
mod signal_scorer;
mod signals;
mod tie_break;
mod top_k;
mod trigrams;
mod upper_bounds;
mod weights;

pub use rank::{for_each_match, top_k};
pub use rerank::{LoadedPassages, page_score, title_score, word_order_and_trigram_scores};
pub use signal_scorer::score_at;
pub use signals::{Signal, SignalName, query_idfs, query_signals};
pub use tie_break::sort_top;
pub use top_k::ScoredPassage;
pub use weights::REPEATED;
