//! Given a word in its lower key, which lemmas is it a form of, and of which parts is it made?
//!
//! Known forms are looked up. What the lexicon doesn't have is tried in this order: its genitive, the last part
//! of a hyphenated word, comparison, the head of a compound, oe and ae as people without ø and æ type them, and
//! only then the minimal rules of `stem.rs`.

use super::constituents::{WordKind, head_constituents, lemma_constituent};
use super::decompound::find_split;
use super::lemma::Lemma;
use super::stem::stem;
use crate::norwegian::lexicon::readings::{Class, Reading, readings_or_genitive};
use crate::norwegian::standard::Standard;
use crate::norwegian::stop_words::is_stop_word;

/// The readings of a word in its lower key, the commonest first, none with the key of another; at least one.
pub fn lemmatize(word: &str, standard: Standard) -> Vec<Lemma> {
    let mut found = lemmas(word, standard);
    // Names keep their old spelling, whether a dictionary has it or not: Haakon is Håkon.
    if word.contains("aa") {
        for form in lemmas(&word.replace("aa", "å"), standard) {
            if found.iter().all(|other| other.key != form.key) {
                found.push(Lemma::simplex(&form.key));
            }
        }
    }
    found
}

fn lemmas(word: &str, standard: Standard) -> Vec<Lemma> {
    if is_unreadable(word) {
        return vec![Lemma::simplex(word)];
    }
    let mut readings = readings_or_genitive(word, standard);
    // "et" is an article, and hardly ever what Nynorsk calls eating.
    if is_stop_word(word) && readings.iter().any(|reading| reading.class == Class::Other) {
        readings.retain(|reading| reading.class == Class::Other);
    }
    if !readings.is_empty() {
        return of_readings(word, &readings, standard);
    }
    if let Some((before, last)) = word.rsplit_once('-') {
        // The last part is inflected, the others stay: EU-debatten → EU-debatt.
        let keys = lemmas(last, standard).into_iter().map(|form| form.key);
        return keys.map(|key| Lemma::simplex(&format!("{before}-{key}"))).collect();
    }
    if let Some(form) = compared(word, standard) {
        return vec![form];
    }
    let made = of_compound(word, standard);
    if !made.is_empty() {
        return made;
    }
    if let Some(respelt) = respelt(word, standard) {
        return lemmas(&respelt, standard).into_iter().map(|form| Lemma::simplex(&form.key)).collect();
    }
    vec![Lemma::simplex(&stem(word))]
}

/// Codes, and runs of letters that no word has.
fn is_unreadable(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) && !word.contains('-') || word.len() > 80
}

fn of_readings(word: &str, readings: &[Reading], standard: Standard) -> Vec<Lemma> {
    let mut found: Vec<Lemma> = Vec::with_capacity(readings.len());
    for reading in readings {
        let mut form = Lemma::from_reading(reading, word);
        if found.iter().any(|other| other.key == form.key) {
            continue;
        }
        // A compound that is spelt otherwise in this standard is split where it stands.
        if form.components.first().is_some_and(|component| component.offsets.is_none())
            && let Some(here) = of_compound(word, standard).into_iter().find(|here| here.key == form.key)
        {
            form = here;
        }
        found.push(form);
    }
    found
}

/// tydeligere, viktigst: the adjective.
fn compared(word: &str, standard: Standard) -> Option<Lemma> {
    ["ere", "are", "este", "aste", "est", "ast", "ste", "st"].iter().find_map(|ending| {
        let stem = word.strip_suffix(ending)?;
        let adjective =
            lemma_constituent(stem, standard).filter(|adjective| adjective.reading.class == Class::Adjective)?;
        Some(Lemma::from_constituent(&adjective, word))
    })
}

fn of_compound(word: &str, standard: Standard) -> Vec<Lemma> {
    let mut found: Vec<Lemma> = Vec::new();
    let Some(split) = find_split(word, WordKind::Unknown, standard) else {
        return found;
    };
    let heads = head_constituents(&word[split.head..], WordKind::Unknown, standard);
    // Heads are nouns but for want of one.
    let any_noun = heads.iter().any(|head| head.reading.class.is_noun());
    for head in heads.iter().filter(|head| !any_noun || head.reading.class.is_noun()) {
        let made = Lemma::from_split(word, &split, head, standard);
        if found.iter().all(|form| form.key != made.key) {
            found.push(made);
        }
    }
    found
}

/// oekonomi → økonomi, but not poesi and Michael: only what is a word then.
fn respelt(word: &str, standard: Standard) -> Option<String> {
    if !word.contains("oe") && !word.contains("ae") {
        return None;
    }
    let spellings = [word.replace("oe", "ø").replace("ae", "æ"), word.replace("oe", "ø"), word.replace("ae", "æ")];
    spellings.into_iter().find(|spelling| spelling != word && is_word(spelling, standard))
}

/// Whether a word in its lower key is one that the lexicon knows, or a compound of such words.
pub fn is_word(word: &str, standard: Standard) -> bool {
    !readings_or_genitive(word, standard).is_empty() || find_split(word, WordKind::Unknown, standard).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::{analyze, lemma_keys};

    const EACH: [Standard; 3] = [Standard::Bokmal, Standard::Nynorsk, Standard::Both];

    fn meet(one: (&str, Standard), other: (&str, Standard)) -> bool {
        let keys = lemma_keys(one.0, one.1);
        lemma_keys(other.0, other.1).iter().any(|key| keys.contains(key))
    }

    /// Both have a key in common, each read in this standard or in that.
    #[track_caller]
    fn check_meet(one: (&str, Standard), other: (&str, Standard)) {
        let keys = |(form, standard)| lemma_keys(form, standard);
        assert!(meet(one, other), "{one:?} {:?}, {other:?} {:?}", keys(one), keys(other));
    }

    /// All forms in a row meet the first, in one standard and asked for without any.
    #[track_caller]
    fn check_forms(standard: Standard, rows: &[&str]) {
        for row in rows {
            let forms: Vec<&str> = row.split(' ').collect();
            for form in &forms[1..] {
                check_meet((forms[0], standard), (form, standard));
                check_meet((forms[0], Standard::Both), (form, standard));
                check_meet((forms[0], standard), (form, Standard::Both));
            }
        }
    }

    #[test]
    fn forms_of_bokmal_meet() {
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
    fn forms_of_nynorsk_meet() {
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
    fn the_standards_meet() {
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
                check_meet((bokmal, Standard::Bokmal), (form, Standard::Nynorsk));
                check_meet((bokmal, Standard::Both), (form, Standard::Both));
            }
        }
    }

    #[test]
    fn one_word_is_written_in_several_ways() {
        for (one, other) in [
            ("kafé", "kafe"),
            ("smør", "smör"),
            ("rådhuset", "raadhuset"),
            ("økonomi", "oekonomi"),
            ("Håkon", "Haakon"),
            ("EU-debatt", "EU-debatten"),
            ("Norge", "Norges"),
        ] {
            for standard in EACH {
                check_meet((one, standard), (other, standard));
            }
        }
    }

    #[test]
    fn an_ending_behind_an_apostrophe_is_none_of_the_word() {
        for (one, other) in [("pc", "pc'en"), ("pc", "pc-en"), ("USA", "USA's")] {
            let found = &analyze(other, Standard::Bokmal)[0];
            let expected = &analyze(one, Standard::Bokmal)[0];
            assert!(found.word.lemmas().eq(expected.word.lemmas()), "{other}");
        }
    }

    #[test]
    fn a_form_of_two_lemmas_has_both() {
        for standard in [Standard::Bokmal, Standard::Both] {
            for lemma in ["år", "åre"] {
                check_meet(("årene", standard), (lemma, standard));
            }
        }
    }

    #[test]
    fn different_words_stay_apart() {
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
            for standard in EACH {
                assert!(
                    !meet((one, standard), (other, standard)),
                    "{one} and {other}: {:?}",
                    lemma_keys(one, standard)
                );
            }
        }
    }
}
