//! Evaluation of rankings against judgments: file formats of TREC and BEIR, trec_eval's measures, and a significance
//! test.

mod formats;
mod judged_places;
mod measures;
mod randomization_test;

pub use formats::{
    JudgedQuery, Judgments, OwnJudgments, parse_own_judgments, parse_qrels, parse_queries, parse_trec_run, trec_run,
};
pub use judged_places::{JudgedPlaces, PlaceFinder};
pub use measures::{Grades, MEASURES, Measures, first_relevant, mean, measure};
pub use randomization_test::randomization_test;
