//! Prints the explanation of a hit.

use std::io::Write;

use treff::search::{Explanation, Hit, SignalName, WordExplanation};
use treff::snippet::{MatchKind, WordMatch};

use super::style::{Style, printable};

/// Prints one line per query word and one for the total.
pub fn print_explanation(
    out: &mut dyn Write,
    hit: &Hit,
    explanation: &Explanation,
    style: &Style,
) -> std::io::Result<()> {
    let mut lines: Vec<String> = explanation.words.iter().map(describe_word).collect();
    let mut total = vec![format!("score {:.2}", hit.score)];
    if explanation.word_order > 0.0 {
        total.push(format!("including {:.2} for word order", explanation.word_order * explanation.factor));
    }
    if explanation.title_coverage > 0.0 {
        total.push(format!("including {:.2} for title coverage", explanation.title_coverage * explanation.factor));
    }
    if explanation.factor < 1.0 {
        total.push(format!("multiplied by {}: other pages of the site contain the same passage", explanation.factor));
    }
    lines.push(total.join("; "));
    lines.iter().try_for_each(|line| writeln!(out, "    {}", style.dim(&printable(line))))
}

/// `virkemiddel: 5.24, Virkemidlene (inflection of virkemiddel) [lemma 4.70, page 0.54]`
fn describe_word(word: &WordExplanation) -> String {
    let typed = word.typed.as_ref().map(|typed| format!(" (corrected from {typed})")).unwrap_or_default();
    let matches: Vec<String> = word.matches.iter().map(|word_match| describe_match(&word.word, word_match)).collect();
    let signals: Vec<String> =
        word.signals.iter().map(|(name, score)| format!("{} {score:.2}", signal_label(*name))).collect();
    let signals = if signals.is_empty() { String::new() } else { format!(" [{}]", signals.join(", ")) };
    format!("{}{typed}: {:.2}, {}{signals}", word.word, word.score, matches.join("; "))
}

fn describe_match(word: &str, word_match: &WordMatch) -> String {
    let text = word_match.text.as_deref().unwrap_or_default();
    let lemma = word_match.lemma.as_deref().unwrap_or_default();
    let component = word_match.component.as_deref().unwrap_or_default();
    match word_match.kind {
        MatchKind::Exact => "exact match".to_string(),
        MatchKind::Lemma => format!("{text} (lemma)"),
        MatchKind::Inflection => format!("{text} (inflection of {lemma})"),
        MatchKind::Nynorsk => format!("{text} (Nynorsk for {lemma})"),
        MatchKind::Bokmal => format!("{text} (Bokmål for {word})"),
        MatchKind::SplitCompound => format!("{text} (split compound)"),
        MatchKind::Component => format!("{text} (component {component})"),
        MatchKind::Synonym => format!("synonym “{text}”"),
        MatchKind::Pattern => format!("{text} (pattern)"),
        MatchKind::QueryComponent => format!("{text} (query component {component})"),
        MatchKind::Title => "in the title or heading only".to_string(),
        MatchKind::Page => "elsewhere on the page only".to_string(),
        MatchKind::Trigrams => "trigrams only".to_string(),
        MatchKind::None => "no match".to_string(),
    }
}

fn signal_label(name: SignalName) -> &'static str {
    match name {
        SignalName::Exact => "exact",
        SignalName::Lemma => "lemma",
        SignalName::Component => "component",
        SignalName::Title => "title",
        SignalName::SplitCompound => "split compound",
        SignalName::QueryComponent => "query component",
        SignalName::Pattern => "pattern",
        SignalName::StopWord => "stop word",
        SignalName::Page => "page",
        SignalName::Trigrams => "trigrams",
    }
}
