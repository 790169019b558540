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
    is_short || contains(&ENDINGS, head) || head == "ring" && modifier.ends_with('e') || !has_vowel(head)
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

/// A modifier with one of these endings is linked with -s- unless most of its compounds in the lexicon are not.
const LINKED: [&str; 10] = ["ing", "sjon", "het", "heit", "skap", "else", "dom", "tet", "leik", "nad"];

/// Prefixes and particles.
static PARTICLES: [u64; 220] = packed([
    "a", "ab", "ad", "aks", "all", "alt", "an", "ana", "and", "ank", "ansam", "anti", "ap", "ar", "at", "att",
    "attende", "auto", "av", "bak", "bare", "be", "besk", "bi", "bio", "bli", "bort", "både", "da", "de", "den", "der",
    "des", "det", "di", "dia", "dis", "du", "ei", "ein", "eit", "eks", "ekstra", "eller", "ellers", "en", "end", "er",
    "et", "etter", "fa", "fe", "fi", "fin", "for", "fore", "fors", "forst", "fra", "fram", "frem", "frå", "fus", "før",
    "føre", "gam", "gamm", "gar", "ge", "geo", "gi", "gjen", "gjennom", "gra", "h", "ha", "ham", "han", "har", "hen",
    "her", "hjem", "hun", "hva", "hver", "hvor", "hyper", "i", "igjen", "ikke", "ikkje", "il", "im", "imot", "in",
    "infra", "inn", "innen", "inter", "intra", "ir", "jo", "ka", "kan", "ko", "kom", "kon", "kont", "kontra", "kri",
    "krist", "kvar", "la", "le", "li", "lo", "ma", "makro", "man", "me", "med", "mellom", "mens", "mer", "meta", "mi",
    "mikro", "min", "mis", "mo", "mono", "mot", "mu", "multi", "må", "na", "ne", "ned", "neo", "no", "nu", "nå", "når",
    "nær", "og", "om", "opp", "or", "oss", "over", "pa", "para", "pe", "per", "pi", "po", "poly", "post", "pre", "pro",
    "pseudo", "på", "ra", "re", "rek", "ri", "ro", "ru", "sa", "sam", "saman", "samen", "samme", "sammen", "samt",
    "se", "seg", "selv", "si", "sin", "skal", "som", "sta", "sub", "sup", "super", "sy", "syn", "så", "ta", "te",
    "tek", "ti", "til", "tilbake", "to", "trans", "tri", "ty", "u", "ultra", "under", "uni", "unna", "ut", "ute", "va",
    "van", "var", "vas", "ve", "ved", "vel", "vi", "vice", "vil", "vy", "vå", "være", "å",
]);

/// Endings that derive or inflect words.
static ENDINGS: [u64; 129] = packed([
    "abel", "aktig", "al", "ale", "ande", "ane", "ann", "ans", "ant", "ar", "ard", "are", "asjon", "av", "bar", "dig",
    "dige", "dom", "e", "elig", "ell", "else", "en", "ende", "ene", "enn", "ens", "ent", "er", "ere", "eri", "ering",
    "ert", "est", "este", "et", "ete", "fon", "gel", "gen", "heit", "het", "ide", "idig", "ige", "ighet", "iker",
    "ikk", "ing", "inn", "inne", "ise", "isering", "isk", "isme", "ist", "itet", "ium", "iv", "jon", "leg", "leik",
    "lem", "len", "lett", "lig", "ligere", "lighet", "ling", "logi", "løse", "me", "ment", "messig", "met", "minnelig",
    "nad", "ne", "nikk", "ning", "ode", "om", "opp", "or", "parat", "pen", "per", "pisk", "pløse", "pæl", "rat", "re",
    "roll", "sam", "se", "sel", "sen", "si", "sid", "sion", "sjon", "skap", "skapelig", "ske", "sle", "slig", "sløs",
    "som", "ste", "stendig", "ster", "sting", "ta", "te", "tel", "tet", "tikk", "tisk", "tor", "um", "ur", "us", "ut",
    "var", "varlig", "ve", "vel", "vis", "ør",
]);

/// Endings that derive loanwords (see `looks_derived`).
static DERIVING: [u64; 21] = packed([
    "al", "ant", "asjon", "at", "el", "ent", "er", "ere", "eri", "ering", "ikk", "ing", "isjon", "isk", "isme", "ist",
    "itet", "iv", "ment", "ologi", "ør",
]);
