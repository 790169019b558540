//! Explains a hit: how each word of the query matches, and what it adds to the score.

use maud::{Markup, html};

use super::displayed::displayed;
use crate::search::{Explanation, WordExplanation};
use crate::serve::page::language::UiLanguage;
use crate::snippet::{MatchKind, WordMatch};

/// The explanation of a hit with this score.
pub fn explanation_list(explanation: &Explanation, score: f64, language: UiLanguage) -> Markup {
    let texts = language.texts();
    let addition = |added: f64| language.decimal(added * explanation.factor);
    html! {
        div.explanation {
            p { ((texts.score)(&language.decimal(score))) }
            ul {
                @for word in &explanation.words { (word_item(word, language)) }
                @if explanation.word_order > 0.0 { li { ((texts.word_order)(&addition(explanation.word_order))) } }
                @if explanation.title_coverage > 0.0 {
                    li { ((texts.title_coverage)(&addition(explanation.title_coverage))) }
                }
                @if explanation.factor < 1.0 { li { ((texts.repeated)(&language.decimal(explanation.factor))) } }
            }
        }
    }
}

fn word_item(word: &WordExplanation, language: UiLanguage) -> Markup {
    let typed = word.typed.as_deref();
    let typed = typed.map(|typed| format!(" ({})", (language.texts().corrected_from)(&language.quoted(typed))));
    let matches: Vec<String> = word.matches.iter().map(|found| describe(found, &word.word, language)).collect();
    html! {
        li {
            b { (displayed(&word.word)) } (displayed(typed.as_deref().unwrap_or_default())) " "
            (language.decimal(word.score)) ": " (displayed(&matches.join("; ")))
        }
    }
}

fn describe(found: &WordMatch, word: &str, language: UiLanguage) -> String {
    let text = language.quoted(found.text.as_deref().unwrap_or_default());
    let other = match found.kind {
        MatchKind::Bokmal => Some(word),
        _ => found.lemma.as_deref().or(found.component.as_deref()),
    };
    (language.texts().match_kind)(found.kind, &text, &language.quoted(other.unwrap_or_default()))
}
