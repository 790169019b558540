//! The stop words of both written standards.

use super::lexicon::packed_list::{contains, packed};

/// Closed-class words, as people type them in questions. They are indexed like all other words, but in a query with
/// other words they match nothing by themselves. "ikke" and "ikkje" carry meaning and are not included.
static STOP_WORDS: [u64; 113] = packed([
    "alle", "at", "av", "bare", "berre", "ble", "blei", "bli", "blir", "da", "de", "dei", "deira", "dem", "den",
    "denne", "der", "dere", "deres", "det", "dette", "di", "din", "disse", "ditt", "du", "då", "eg", "ei", "ein",
    "eit", "eller", "en", "enn", "er", "et", "etter", "for", "fra", "frå", "får", "ha", "hadde", "han", "har",
    "hennar", "hennes", "her", "ho", "hos", "hun", "hva", "hvem", "hvilke", "hvilken", "hvilket", "hvor", "hvordan",
    "hvorfor", "i", "inn", "ja", "jeg", "kan", "kor", "korleis", "kva", "kvar", "kven", "kvifor", "man", "me", "med",
    "meg", "mellom", "men", "mi", "min", "mitt", "mot", "må", "nei", "noe", "noen", "noko", "nokon", "nokre", "nå",
    "når", "og", "også", "om", "opp", "over", "på", "seg", "si", "sin", "sine", "sitt", "skal", "som", "til", "ut",
    "var", "vart", "ved", "vere", "vi", "vil", "være", "å", "òg",
]);

/// Whether a normalized word is a stop word.
pub fn is_stop_word(word: &str) -> bool {
    contains(&STOP_WORDS, word)
}
