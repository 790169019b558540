//! Given text in quotes, which terms must stand how near to one another?

use tantivy::Term as IndexTerm;
use tantivy::query::{BooleanQuery, PhraseQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

use super::{keys, positions, typed};
use crate::index::Fields;
use crate::norwegian::{self, Standard, Token, is_day};

/// Words that stand one after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum Phrase {
    /// One word, exactly as typed.
    Exact(String),
    /// The lemmas that a word may have, with its place relative to the first.
    Lemmas(Vec<(usize, Vec<String>)>),
    /// Words exactly as typed, each with its place relative to the first.
    Row(Vec<(usize, String)>),
}

/// Words that stand near one another, in any order.
#[derive(Clone, Debug, PartialEq)]
pub struct Proximity {
    /// The lemmas, or the exact form, of each.
    pub words: Vec<Vec<String>>,
    pub is_exact: bool,
    /// So many places lie between the first and the last of them at the most.
    pub width: u32,
}

/// How the words of a phrase are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meant {
    /// In all their forms.
    Lemmas,
    /// In quotes: in all their forms, but one word alone as it is typed.
    Quoted,
    /// As they are typed.
    Exact,
}

/// The phrase that a text is. A date is one term however it is written, in the place of the words that it has.
pub fn phrase(text: &str, meant: Meant) -> Option<Phrase> {
    let words = norwegian::analyze(text, Standard::Both);
    let asked = asked(&words);
    let first = asked.first()?;
    if meant != Meant::Lemmas && asked.len() == 1 {
        return Some(Phrase::Exact(first.word.exact().to_string()));
    }
    let place = |word: &&Token| (word.position - first.position) as usize;
    Some(match meant {
        Meant::Exact => Phrase::Row(asked.iter().map(|word| (place(word), word.word.exact().to_string())).collect()),
        _ => Phrase::Lemmas(asked.iter().map(|word| (place(word), keys(&word.word))).collect()),
    })
}

/// The words of a text with `slop` others among them at the most. `None` where there are not two.
pub fn near(text: &str, is_exact: bool, slop: u32) -> Option<Proximity> {
    let words = norwegian::analyze(text, Standard::Both);
    let asked = asked(&words);
    let forms = |word: &&Token| if is_exact { vec![word.word.exact().to_string()] } else { keys(&word.word) };
    let width = (asked.len() as u32).saturating_sub(1).saturating_add(slop.min(MAX_SLOP));
    (asked.len() > 1).then(|| Proximity { words: asked.iter().map(forms).collect(), is_exact, width })
}

/// Every lemma that an exact form may have in a text, whatever its standard; none where that can't be told.
pub fn every_lemma(form: &str) -> Vec<String> {
    // An exact form has no capitals: behind them an s may be a genitive (`NAVs`), and an ending be none (`NS-EN`).
    let whole = Some(form.to_uppercase());
    let capitals = form.strip_suffix('s').map(|stem| format!("{}s", stem.to_uppercase()));
    let mut lemmas = Vec::new();
    for text in [Some(form), capitals.as_deref(), whole.as_deref()].into_iter().flatten() {
        for standard in [Standard::Both, Standard::Bokmal, Standard::Nynorsk] {
            for here in norwegian::analyze(text, standard).iter().filter(|here| here.word.exact() == form) {
                lemmas.extend(keys(&here.word));
            }
        }
    }
    lemmas.sort_unstable();
    lemmas.dedup();
    lemmas
}

/// More than a passage has.
const MAX_SLOP: u32 = 10_000;

/// The words that were typed, of a hyphenated word its parts, which follow one another.
fn asked(words: &[Token]) -> Vec<&Token> {
    let mut asked: Vec<&Token> = Vec::new();
    let mut day_end = 0;
    for here in positions(words) {
        let Some(typed) = typed(here).filter(|typed| typed.start >= day_end) else {
            continue;
        };
        let is_whole = |unit: &&Token| unit.start <= typed.start && unit.end >= typed.end;
        let day = here.iter().filter(is_whole).find(|unit| is_day(unit.word.exact()));
        day_end = day.map_or(day_end, |day| day.end);
        asked.push(day.unwrap_or(typed));
    }
    asked
}

/// The narrowest runs of places no wider than `width` that hold one of each list, each for another word; `places` are
/// in rising order.
pub fn runs(places: &[Vec<u32>], width: u32) -> Vec<(u32, u32)> {
    let mut begins: Vec<u32> = places.iter().flatten().copied().collect();
    begins.sort_unstable();
    begins.dedup();
    let mut runs = Vec::new();
    for (number, begin) in begins.iter().enumerate() {
        let first_from = |list: &Vec<u32>| list.get(list.partition_point(|place| place < begin)).copied();
        let Some(mut end) =
            places.iter().map(first_from).collect::<Option<Vec<u32>>>().and_then(|all| all.into_iter().max())
        else {
            break;
        };
        // Words that may be the same one need as many places as they are.
        let Some(enough) = begins.get(number + places.len() - 1) else {
            break;
        };
        end = end.max(*enough);
        if end - begin <= width {
            runs.push((*begin, end));
        }
    }
    runs
}

/// A phrase of ambiguous words is looked for in so many readings.
const MAX_READINGS: usize = 16;

/// The query that finds the passages in which words stand as in `Phrase::Lemmas`.
pub fn in_row(words: &[(usize, Vec<String>)], fields: &Fields) -> Box<dyn tantivy::query::Query> {
    let one = |term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn tantivy::query::Query>;
    let mut readings: Vec<Vec<(usize, IndexTerm)>> = vec![Vec::new()];
    for (place, lemmas) in words {
        let fitting = (MAX_READINGS / readings.len()).max(1);
        readings = lemmas
            .iter()
            .take(fitting)
            .flat_map(|lemma| {
                readings.iter().map(|reading| {
                    let mut reading = reading.clone();
                    reading.push((*place, IndexTerm::from_field_text(fields.lemma, lemma)));
                    reading
                })
            })
            .collect();
    }
    let mut queries: Vec<Box<dyn tantivy::query::Query>> = readings
        .into_iter()
        .map(|mut reading| match reading.len() {
            1 => one(reading.remove(0).1),
            _ => Box::new(PhraseQuery::new_with_offset(reading)),
        })
        .collect();
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_phrase(text: &str, meant: Meant, expected: &[(usize, &str)]) {
        let Some(Phrase::Lemmas(places)) = phrase(text, meant) else {
            panic!("{text} is no phrase of lemmas");
        };
        let found: Vec<usize> = places.iter().map(|(place, _)| *place).collect();
        assert_eq!(found, expected.iter().map(|(place, _)| *place).collect::<Vec<_>>(), "{text}");
        for ((_, lemmas), (_, lemma)) in places.iter().zip(expected) {
            assert!(lemmas.iter().any(|known| known == lemma), "{lemma} in {text}: {lemmas:?}");
        }
    }

    #[test]
    fn phrases_count_the_parts_of_hyphenated_words() {
        check_phrase("0-24-samarbeidet i", Meant::Quoted, &[(0, "0-24"), (1, "samarbeid"), (2, "i")]);
        check_phrase("rapport 2/2020", Meant::Quoted, &[(0, "rapport"), (1, "2/2020")]);
        check_phrase("lovverket", Meant::Lemmas, &[(0, "lovverk")]);
        check_phrase(
            "støtte- og veiledningsressurser",
            Meant::Quoted,
            &[(0, "støtte"), (1, "og"), (2, "veiledningsressurs")],
        );
        assert_eq!(phrase("2/2020", Meant::Quoted), Some(Phrase::Exact("2/2020".into())));
        assert_eq!(phrase("lovverket", Meant::Quoted), Some(Phrase::Exact("lovverket".into())));
        assert_eq!(phrase("…", Meant::Quoted), None);
    }

    #[test]
    fn a_date_and_a_paragraph_are_one_place_of_a_phrase() {
        for text in ["10.11.2020", "10. november 2020", "10. nov. 2020", "2020-11-10"] {
            assert_eq!(phrase(text, Meant::Quoted), Some(Phrase::Exact("2020-11-10".into())), "{text}");
        }
        for text in ["§ 33", "paragraf 33", "§33"] {
            assert_eq!(phrase(text, Meant::Quoted), Some(Phrase::Exact("§33".into())), "{text}");
        }
        check_phrase("møtet 10. november 2020 i", Meant::Quoted, &[(0, "møte"), (1, "2020-11-10"), (4, "i")]);
        check_phrase("etter § 8–1 i", Meant::Quoted, &[(0, "etter"), (1, "§8-1"), (2, "i")]);
        check_phrase("november 2020", Meant::Quoted, &[(0, "november"), (1, "2020")]);
        check_phrase("10.11.2020–12.11.2020 i", Meant::Quoted, &[(0, "10.11.2020-12.11.2020"), (1, "i")]);
    }

    #[test]
    fn exact_phrases_keep_their_forms() {
        let row = Phrase::Row(vec![(0, "utsatte".into()), (1, "barn".into())]);
        assert_eq!(phrase("Utsatte barn", Meant::Exact), Some(row));
        assert_eq!(phrase("Barna", Meant::Exact), Some(Phrase::Exact("barna".into())));
    }

    #[test]
    fn every_lemma_of_a_form_is_known_whatever_the_text_around_it() {
        let seeds = std::fs::read_dir("seeds").expect("the seeds").map(|entry| entry.expect("a seed").path());
        let texts = seeds.map(|seed| std::fs::read_to_string(seed).expect("a text"));
        let others = "NAVs NS-EN støtte- og veiledningsressurser, før-/etter-måling 10. nov. 2020 kl. 12.30 jf. § 8–1, født på Åsen";
        for text in texts.chain([others.to_string()]) {
            for standard in [Standard::Bokmal, Standard::Nynorsk, Standard::Both] {
                for here in norwegian::analyze(&text, standard).iter().filter(|here| !here.is_implied) {
                    let known = every_lemma(here.word.exact());
                    let missing: Vec<&str> =
                        here.word.lemmas().filter(|lemma| !known.iter().any(|known| known == lemma)).collect();
                    assert!(missing.is_empty(), "{} of {}: {known:?}", missing.join(", "), here.word.exact());
                }
            }
        }
    }

    #[test]
    fn words_are_near_in_any_order() {
        assert_eq!(near("barn skole", false, 5).map(|near| near.width), Some(6));
        assert_eq!(near("barn", false, 5), None);
        assert_eq!(runs(&[vec![1, 9], vec![4]], 3), [(1, 4)]);
        assert_eq!(runs(&[vec![4], vec![1, 9]], 5), [(1, 4), (4, 9)]);
        assert_eq!(runs(&[vec![1], vec![1]], 5), [], "one word is not two");
        assert_eq!(runs(&[vec![1, 3], vec![1, 3]], 5), [(1, 3)]);
        assert_eq!(runs(&[vec![], vec![1]], 5), []);
    }
}
