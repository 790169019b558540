//! Lemmatizes a word: lexicon lookup, then compound splitting, and a rule-based stemmer as the last resort.
//!
//! Forms in the lexicon are looked up. Any other word is tried in turn as a genitive, as a hyphenated word (only its
//! last part is lemmatized), as a comparative or superlative, as a compound, and with ø and æ for the oe and ae that
//! people type without a Norwegian keyboard. If all of these fail, the minimal rules of `stem.rs` apply.

use super::constituents::{WordKind, head_constituents, lemma_constituent};
use super::decompound::{Split, find_split, find_split_with_head};
use super::lemma::Lemma;
use super::stem::stem;
use crate::norwegian::lexicon::readings::{Class, Reading, readings_or_genitive};
use crate::norwegian::standard::Standard;
use crate::norwegian::stop_words::is_stop_word;

/// Returns the lemmas of a word, given as its lookup key, the most common first. Their keys are distinct, and there is
/// at least one.
pub fn lemmatize(word: &str, standard: Standard) -> Vec<Lemma> {
    let mut found = lemmas(word, standard);
    // Names keep aa for å, whether the lexicon has them or not: Haakon is Håkon.
    if word.contains("aa") {
        for lemma in lemmas(&word.replace("aa", "å"), standard) {
            if found.iter().all(|other| other.key != lemma.key) {
                found.push(Lemma::simplex(&lemma.key));
            }
        }
    }
    found
}

fn lemmas(word: &str, standard: Standard) -> Vec<Lemma> {
    if is_not_a_word(word) {
        return vec![Lemma::simplex(word)];
    }
    let mut readings = readings_or_genitive(word, standard);
    // "et" is the article, and hardly ever the Nynorsk verb form that means "eats".
    if is_stop_word(word) && readings.iter().any(|reading| reading.class == Class::Other) {
        readings.retain(|reading| reading.class == Class::Other);
    }
    if !readings.is_empty() {
        return lemmas_of_readings(word, &readings, standard);
    }
    if let Some((before, last)) = word.rsplit_once('-') {
        // Only the last part is inflected: EU-debatten → EU-debatt.
        let keys = lemmas(last, standard).into_iter().map(|lemma| lemma.key);
        return keys.map(|key| Lemma::simplex(&format!("{before}-{key}"))).collect();
    }
    if let Some(lemma) = lemma_of_comparative_or_superlative(word, standard) {
        return vec![lemma];
    }
    let compounds = lemmas_of_compound(word, standard);
    if !compounds.is_empty() {
        return compounds;
    }
    if let Some(respelled) = with_norwegian_letters(word, standard) {
        return lemmas(&respelled, standard).into_iter().map(|lemma| Lemma::simplex(&lemma.key)).collect();
    }
    vec![Lemma::simplex(&stem(word))]
}

/// Whether this is a code or a run of letters too long for a word.
fn is_not_a_word(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) && !word.contains('-') || word.len() > 80
}

fn lemmas_of_readings(word: &str, readings: &[Reading], standard: Standard) -> Vec<Lemma> {
    let mut found: Vec<Lemma> = Vec::with_capacity(readings.len());
    for reading in readings {
        let mut lemma = Lemma::from_reading(reading, word);
        if found.iter().any(|other| other.key == lemma.key) {
            continue;
        }
        // A compound that is spelled differently from its key gets the offsets from splitting the form itself.
        if lemma.components.first().is_some_and(|component| component.offsets.is_none()) {
            let head_key = &lemma.key[lemma.components[lemma.head].key.0..];
            let split = find_split_with_head(word, head_key, standard);
            let split = split.or_else(|| find_split(word, WordKind::Unknown, standard));
            let mut splits = lemmas_of_split(word, split, standard);
            if let Some(same) = splits.iter().position(|split| split.key == lemma.key) {
                lemma = splits.swap_remove(same);
            } else if let Some(split) = splits.first() {
                lemma.copy_offsets(split);
            }
        }
        found.push(lemma);
    }
    found
}

/// The lemma of a comparative or superlative: tydeligere, viktigst.
fn lemma_of_comparative_or_superlative(word: &str, standard: Standard) -> Option<Lemma> {
    ["ere", "are", "este", "aste", "est", "ast", "ste", "st"].iter().find_map(|ending| {
        let stem = word.strip_suffix(ending)?;
        let adjective =
            lemma_constituent(stem, standard).filter(|adjective| adjective.reading.class == Class::Adjective)?;
        Some(Lemma::from_constituent(&adjective, word))
    })
}

/// The lemmas of a compound that the lexicon lacks, one for each reading of its head.
fn lemmas_of_compound(word: &str, standard: Standard) -> Vec<Lemma> {
    lemmas_of_split(word, find_split(word, WordKind::Unknown, standard), standard)
}

/// The lemmas of a word that is split in two, one for each reading of its head.
fn lemmas_of_split(word: &str, split: Option<Split>, standard: Standard) -> Vec<Lemma> {
    let mut found: Vec<Lemma> = Vec::new();
    let Some(split) = split else {
        return found;
    };
    let heads = head_constituents(&word[split.head..], WordKind::Unknown, standard);
    // If any reading of the head is a noun, all other readings are ignored.
    let any_noun = heads.iter().any(|head| head.reading.class.is_noun());
    for head in heads.iter().filter(|head| !any_noun || head.reading.class.is_noun()) {
        let lemma = Lemma::from_split(word, &split, head, standard);
        if found.iter().all(|other| other.key != lemma.key) {
            found.push(lemma);
        }
    }
    found
}

/// Replaces oe and ae with ø and æ if the result is a word: oekonomi → økonomi, but not poesi and Michael.
fn with_norwegian_letters(word: &str, standard: Standard) -> Option<String> {
    if !word.contains("oe") && !word.contains("ae") {
        return None;
    }
    let spellings = [word.replace("oe", "ø").replace("ae", "æ"), word.replace("oe", "ø"), word.replace("ae", "æ")];
    spellings.into_iter().find(|spelling| spelling != word && is_word(spelling, standard))
}

/// Whether a word, given as its lookup key, is in the lexicon or a compound of words that are.
pub fn is_word(word: &str, standard: Standard) -> bool {
    !readings_or_genitive(word, standard).is_empty() || find_split(word, WordKind::Unknown, standard).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::{analyze, lemma_keys};

    const STANDARDS: [Standard; 3] = [Standard::Bokmal, Standard::Nynorsk, Standard::Both];

    fn share_a_key(one: (&str, Standard), other: (&str, Standard)) -> bool {
        let keys = lemma_keys(one.0, one.1);
        lemma_keys(other.0, other.1).iter().any(|key| keys.contains(key))
    }

    /// Checks that two words, each in its standard, share a lemma key.
    #[track_caller]
    fn check_share_a_key(one: (&str, Standard), other: (&str, Standard)) {
        let keys = |(form, standard)| lemma_keys(form, standard);
        assert!(share_a_key(one, other), "{one:?} {:?}, {other:?} {:?}", keys(one), keys(other));
    }

    /// Checks that all forms in a row share a key with the first, both in `standard` and with an unknown standard.
    #[track_caller]
    fn check_forms(standard: Standard, rows: &[&str]) {
        for row in rows {
            let forms: Vec<&str> = row.split(' ').collect();
            for form in &forms[1..] {
                check_share_a_key((forms[0], standard), (form, standard));
                check_share_a_key((forms[0], Standard::Both), (form, standard));
                check_share_a_key((forms[0], standard), (form, Standard::Both));
            }
        }
    }

    #[test]
    fn forms_of_a_bokmal_lemma_share_a_key() {
        check_forms(
            Standard::Bokmal,
            &[
                "opplæringslov opplæringsloven opplæringslova opplæringslovens",
                "spørreundersøkelse spørreundersøkelsen spørreundersøkelser spørreundersøkelsene",
                "bok boka boken bøker bøkene",
                "barn barnet barna barnas",
                "ungdom ungdommen ungdommer ungdommene",
                "virkemiddel virkemiddelet virkemidler virkemidlene",
                "tverrsektoriell tverrsektorielt tverrsektorielle",
                "møte møtes møter",
                "skole skolen skoler skolenes",
                "kommune kommunens kommunenes",
                "tydelig tydelige tydeligere tydeligst tydeligste",
                "øke øker økte økt økes",
            ],
        );
    }

    #[test]
    fn forms_of_a_nynorsk_lemma_share_a_key() {
        check_forms(
            Standard::Nynorsk,
            &[
                "opplæringslov opplæringslova",
                "spørjeundersøking spørjeundersøkinga spørjeundersøkingar",
                "bok boka bøker bøkene",
                "barn born borna barna",
                "ungdom ungdommen ungdommar",
                "verkemiddel verkemidla",
                "skule skulen skular skulane",
                "veke veka veker vekene",
                "leiing leiinga",
                "teieplikt teieplikta",
                "auke auka aukar",
                "sjukehus sjukehuset sjukehusa",
                "tydeleg tydelege tydelegare tydelegast tydelegaste",
            ],
        );
    }

    #[test]
    fn both_standards_share_keys() {
        for row in [
            "opplæringsloven opplæringslova",
            "spørreundersøkelse spørjeundersøking spørjeundersøkinga",
            "barn born borna barna",
            "virkemidler verkemiddel verkemidla",
            "jeg eg",
            "ikke ikkje",
            "skole skule skular",
            "uke veke vekene",
            "ledelse leiing leiinga",
            "taushetsplikt teieplikt teieplikta",
            "tjeneste teneste tenestene",
            "øke auke auka",
            "vanlig vanleg vanlege",
            "mulighet moglegheit moglegheiter",
            "hva kva",
            "hvordan korleis",
            "sykehus sjukehus sjukehuset",
            "veileder rettleiar rettleiarar",
            "fra frå",
            "rød raud",
            "sykepleier sjukepleiar sjukepleiarane",
        ] {
            let (bokmal, nynorsk) = row.split_once(' ').unwrap();
            for form in nynorsk.split(' ') {
                check_share_a_key((bokmal, Standard::Bokmal), (form, Standard::Nynorsk));
                check_share_a_key((bokmal, Standard::Both), (form, Standard::Both));
            }
        }
    }

    #[test]
    fn spelling_variants_share_a_key() {
        for (one, other) in [
            ("kafé", "kafe"),
            ("smør", "smör"),
            ("rådhuset", "raadhuset"),
            ("økonomi", "oekonomi"),
            ("Håkon", "Haakon"),
            ("EU-debatt", "EU-debatten"),
            ("Norge", "Norges"),
        ] {
            for standard in STANDARDS {
                check_share_a_key((one, standard), (other, standard));
            }
        }
    }

    #[test]
    fn an_ending_after_an_apostrophe_is_removed() {
        for (one, other) in [("pc", "pc'en"), ("pc", "pc-en"), ("USA", "USA's")] {
            let found = &analyze(other, Standard::Bokmal)[0];
            let expected = &analyze(one, Standard::Bokmal)[0];
            assert!(found.word.lemmas().eq(expected.word.lemmas()), "{other}");
        }
    }

    #[test]
    fn an_ambiguous_form_has_both_lemmas() {
        for standard in [Standard::Bokmal, Standard::Both] {
            for lemma in ["år", "åre"] {
                check_share_a_key(("årene", standard), (lemma, standard));
            }
        }
    }

    #[test]
    fn different_words_share_no_key() {
        for (one, other) in [
            ("rød", "rod"),
            ("får", "far"),
            ("barn", "barnehage"),
            ("poesi", "pøsi"),
            ("Michael", "Mikæl"),
            ("roer", "røer"),
            ("bertelsen", "bert"),
            ("klage", "anklage"),
        ] {
            for standard in STANDARDS {
                assert!(
                    !share_a_key((one, standard), (other, standard)),
                    "{one} and {other}: {:?}",
                    lemma_keys(one, standard)
                );
            }
        }
    }
}
