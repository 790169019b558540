//! Word lists that keep derivations and inflections from being split as compounds.

use crate::norwegian::lexicon::packed_list::{contains, packed};

pub const VOWELS: &str = "aeiouyæøå";

pub fn has_vowel(text: &str) -> bool {
    text.chars().any(|c| VOWELS.contains(c))
}

/// Whether a modifier is a prefix or particle: words that start with one are derived or inflected, not compounds.
pub fn is_particle(text: &str) -> bool {
    contains(&PARTICLES, text)
}

/// Whether `head` is an ending rather than the head of a compound with this modifier: it derives or inflects words, or
/// looks as if it does.
pub fn is_ending(modifier: &str, head: &str) -> bool {
    let is_short = head.chars().count() < 3 && !contains(&SHORT_HEADS, head);
    is_short || contains(&ENDINGS, head) || contains(&RING, head) && modifier.ends_with('e') || !has_vowel(head)
}

/// Whether a modifier is usually linked with -s-: opplæring+s+lov.
pub fn is_usually_linked(modifier: &str) -> bool {
    LINKED.iter().any(|ending| modifier.ends_with(ending))
}

/// Whether a head is one consonant followed by an ending: +rasjon, +tikk, +ring.
pub fn looks_derived(head: &str) -> bool {
    let mut chars = head.chars();
    chars.next().is_some_and(|c| !VOWELS.contains(c)) && contains(&DERIVING, chars.as_str())
}

/// The two-letter words that can be the head of a compound. Other two-letter heads are endings that look like words.
static SHORT_HEADS: [u64; 10] = packed(["bu", "by", "is", "ku", "tå", "ur", "år", "ås", "øl", "øy"]);

/// Forms of *ring*. After -e they are endings: totalise+ring.
static RING: [u64; 7] = packed(["ring", "ringa", "ringane", "ringar", "ringen", "ringene", "ringer"]);

/// A modifier with one of these endings is linked with -s-, unless most of its compounds in the lexicon have no -s-.
const LINKED: [&str; 10] = ["ing", "sjon", "het", "heit", "skap", "else", "dom", "tet", "leik", "nad"];

/// Prefixes and particles.
static PARTICLES: [u64; 192] = packed([
    "a", "ab", "ad", "aks", "alt", "an", "ana", "and", "ank", "ansam", "ap", "ar", "at", "att", "attende", "av", "bak",
    "bare", "be", "besk", "best", "bi", "bli", "bort", "både", "da", "de", "den", "der", "des", "det", "di", "dia",
    "dis", "du", "ei", "ein", "eit", "eks", "eller", "ellers", "en", "end", "er", "et", "etter", "fa", "fe", "fi",
    "fin", "for", "fore", "fors", "forst", "fort", "fra", "fram", "frem", "frå", "fus", "før", "føre", "gam", "gamm",
    "gar", "ge", "gi", "gjen", "gjennom", "gra", "h", "ha", "ham", "han", "har", "hen", "her", "hun", "hva", "hver",
    "hvor", "i", "igjen", "ikke", "ikkje", "il", "im", "imot", "in", "inn", "innen", "inter", "ir", "jo", "ka", "kan",
    "ko", "kom", "kon", "kont", "kri", "krist", "kvar", "la", "le", "li", "lo", "ma", "man", "me", "med", "mellom",
    "mens", "mer", "mi", "min", "mis", "mo", "mot", "mu", "må", "na", "ne", "ned", "no", "nu", "nå", "når", "nær",
    "og", "om", "opp", "or", "oss", "over", "pa", "pe", "per", "pi", "po", "pre", "pro", "på", "ra", "re", "rek", "ri",
    "ro", "ru", "sa", "sam", "saman", "samen", "sammen", "samt", "se", "seg", "si", "sin", "skal", "som", "sta", "sub",
    "sup", "sy", "syn", "så", "ta", "te", "tek", "ti", "til", "tilbake", "ty", "u", "uer", "under", "unna", "ut", "va",
    "van", "var", "vas", "ve", "ved", "vel", "vi", "vil", "vy", "vå", "være", "å",
]);

/// Endings that derive or inflect words.
static ENDINGS: [u64; 131] = packed([
    "abel", "al", "ale", "ande", "ane", "ann", "ans", "ant", "ar", "ard", "are", "asjon", "av", "bar", "dig", "dige",
    "dom", "døl", "døling", "e", "elig", "ell", "else", "en", "ende", "ene", "enn", "ens", "ent", "er", "ere", "eri",
    "ering", "ert", "est", "este", "et", "ete", "fon", "gel", "gen", "heit", "het", "ide", "idig", "ige", "ighet",
    "iker", "ikk", "ing", "inn", "inne", "ise", "isering", "isk", "isme", "isse", "ist", "itet", "ium", "iv", "jon",
    "leg", "leik", "lem", "len", "lett", "lig", "ligere", "lighet", "ling", "logi", "løse", "me", "ment", "met",
    "minnelig", "nad", "ne", "nikk", "ning", "ode", "om", "opp", "or", "parat", "pen", "per", "pisk", "pløse", "pæl",
    "rat", "re", "roll", "sam", "se", "sel", "sen", "si", "sid", "sion", "sjon", "skap", "skapelig", "ske", "sle",
    "slig", "sløs", "som", "ste", "stendig", "ster", "sting", "ta", "te", "tel", "tet", "tikk", "tisk", "tor", "um",
    "ur", "us", "ut", "var", "varlig", "ve", "vel", "vis", "væring", "ør",
]);

/// Endings that derive loanwords (see `looks_derived`).
static DERIVING: [u64; 21] = packed([
    "al", "ant", "asjon", "at", "el", "ent", "er", "ere", "eri", "ering", "ikk", "ing", "isjon", "isk", "isme", "ist",
    "itet", "iv", "ment", "ologi", "ør",
]);
