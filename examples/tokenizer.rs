//! Searches a tantivy index in memory with treff's Norwegian analysis.
//!
//! ```text
//! cargo run --example tokenizer -- [WORD…]
//! ```
//!
//! Without arguments it searches for *bok*, which matches *bøkene*, and for *plikt*, which matches *taushetsplikten*.

use std::error::Error;

use tantivy::collector::{Count, TopDocs};
use tantivy::query::TermSetQuery;
use tantivy::schema::{IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, TantivyDocument, Term, doc};
use treff::norwegian::{NorwegianTokenizer, Standard, TermKind, lemma_keys};

const TEXTS: [&str; 3] =
    ["Alle bøkene står i hylla.", "Taushetsplikten gjelder for alle ansatte.", "Skulen har fått ny rektor."];

fn main() -> Result<(), Box<dyn Error>> {
    // A field with the lemmas of words and the components of compounds.
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("norwegian")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let mut schema = Schema::builder();
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing) | STORED);
    let index = Index::create_in_ram(schema.build());

    // `Standard::Both`, since the texts are in Bokmål and Nynorsk.
    let tokenizer = NorwegianTokenizer::new(Standard::Both, &[TermKind::Lemma, TermKind::Component]);
    index.tokenizers().register("norwegian", TextAnalyzer::from(tokenizer));

    let mut writer = index.writer_with_num_threads(1, 15_000_000)?;
    for line in TEXTS {
        writer.add_document(doc!(text => line))?;
    }
    writer.commit()?;

    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() {
        words = vec!["bok".to_string(), "plikt".to_string()];
    }
    let searcher = index.reader()?.searcher();
    for word in words {
        // An ambiguous word has several lemmas; any of them matches.
        let keys = lemma_keys(&word, Standard::Both);
        let query = TermSetQuery::new(keys.iter().map(|key| Term::from_field_text(text, key)));
        let (count, hits) = searcher.search(&query, &(Count, TopDocs::with_limit(10).order_by_score()))?;
        println!("{word}: {count} matching texts");
        for (_, address) in hits {
            let document: TantivyDocument = searcher.doc(address)?;
            println!("  {}", document.get_first(text).and_then(|value| value.as_str()).unwrap_or_default());
        }
    }
    Ok(())
}
