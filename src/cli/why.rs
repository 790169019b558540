//! How is it put in words why a hit stands where it stands?

use std::io::Write;

use treff::search::{Explanation, Hit, SignalName, WordExplanation};
use treff::snippet::{MatchKind, WordMatch};

use crate::cli::output::{Style, printable};

/// A line for each word of the query, and one for what they add up to.
pub fn print_why(out: &mut dyn Write, hit: &Hit, why: &Explanation, style: &Style) -> std::io::Result<()> {
    let mut lines: Vec<String> = why.words.iter().map(of_word).collect();
    let mut all = vec![format!("score {:.2}", hit.score)];
    if why.order > 0.0 {
        all.push(format!("{:.2} of it for words in the order of the query", why.order * why.factor));
    }
    if why.factor < 1.0 {
        all.push(format!("all times {}, since other pages of the site say the same", why.factor));
    }
    lines.push(all.join("; "));
    lines.iter().try_for_each(|line| writeln!(out, "    {}", style.dim(&printable(line))))
}

fn of_word(word: &WordExplanation) -> String {
    let ways: Vec<String> = word.ways.iter().map(in_words).collect();
    let signals: Vec<String> =
        word.signals.iter().map(|(name, score)| format!("{} {score:.2}", called(*name))).collect();
    let signals = if signals.is_empty() { String::new() } else { format!(" ({})", signals.join(", ")) };
    let typed = word.typed.as_ref().map(|typed| format!(", suggested for {typed}")).unwrap_or_default();
    format!("{}{typed}: {:.2} {}{signals}", word.word, word.score, ways.join("; "))
}

/// "virkemidlene, form of virkemiddel".
fn in_words(way: &WordMatch) -> String {
    let text = way.text.as_deref().unwrap_or_default();
    let of = way.of.as_deref().unwrap_or_default();
    match way.kind {
        MatchKind::Typed => "as typed".to_string(),
        MatchKind::Lemma => format!("{text}, its lemma"),
        MatchKind::Form => format!("{text}, form of {of}"),
        MatchKind::Nynorsk => format!("{text}, Nynorsk for {of}"),
        MatchKind::Bokmal => format!("{text}, Bokmål for {of}"),
        MatchKind::Joined => format!("{text}, typed apart"),
        MatchKind::Part => format!("part of {text}"),
        MatchKind::Synonym => format!("synonym «{text}»"),
        MatchKind::Pattern => text.to_string(),
        MatchKind::OwnPart => format!("its part {of} alone, in {text}"),
        MatchKind::Title => "in the title or heading only".to_string(),
        MatchKind::Page => "elsewhere in the page only".to_string(),
        MatchKind::Letters => "by its letters only".to_string(),
        MatchKind::Nothing => "not here".to_string(),
    }
}

fn called(name: SignalName) -> &'static str {
    match name {
        SignalName::Exact => "exact",
        SignalName::Form => "form",
        SignalName::Part => "part",
        SignalName::Title => "title",
        SignalName::Joined => "joined",
        SignalName::OwnParts => "own parts",
        SignalName::Pattern => "pattern",
        SignalName::StopWord => "stop word",
        SignalName::Page => "page",
        SignalName::Letters => "letters",
    }
}
