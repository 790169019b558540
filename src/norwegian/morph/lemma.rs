//! `Lemma`: a possible lemma of a word, with its canonical key and, for a compound, its components.
//!
//! The key of a compound is assembled from the keys of its components and their links. So spørjeundersøking and
//! spørreundersøkelse share a key, as do sjukehus and sykehus, and the key of a compound contains the keys of its
//! components. The keys and components of the lexicon's lemmas are computed once, when the data are built
//! (`lexicon_build.rs`).

use smallvec::{SmallVec, smallvec};
use smol_str::{SmolStr, format_smolstr};

use super::constituents::{Constituent, WordKind, head_constituents, modifier_constituent};
use super::decompound::{Split, find_split};
use crate::norwegian::lexicon::compound_info::{CompoundInfo, Link, compound_info};
use crate::norwegian::lexicon::readings::{ENCODED_ZERO, Reading};
use crate::norwegian::standard::Standard;

/// A lemma of a word, with the components of the word if it is a compound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lemma {
    pub key: SmolStr,
    /// Empty if the word is not a compound.
    pub components: Components,
    /// The index of the first component of the head.
    pub head: usize,
}

type Components = SmallVec<[Component; 3]>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// Its key, as a byte range of the lemma key.
    pub key: (usize, usize),
    /// The link between it and the next component.
    pub link: Link,
    /// Byte offsets in the word; `None` where the word is spelled too differently from the key.
    pub offsets: Option<(usize, usize)>,
}

/// A word that seems to have more components is not split.
const MAX_COMPONENTS: usize = 7;

impl Lemma {
    pub fn simplex(key: &str) -> Lemma {
        Lemma { key: key.into(), ..Lemma::default() }
    }

    /// A lemma of the lexicon, with offsets in the form `word`.
    pub fn from_reading(reading: &Reading, word: &str) -> Lemma {
        Lemma::from_info(reading, &compound_info(&reading.key), word)
    }

    /// The lemma of one side of a split, with offsets in `word`, the form of that side alone.
    pub fn from_constituent(constituent: &Constituent, word: &str) -> Lemma {
        Lemma::from_info(&constituent.reading, &constituent.info, word)
    }

    fn from_info(reading: &Reading, info: &CompoundInfo, word: &str) -> Lemma {
        let key = info.key.as_ref().unwrap_or(&reading.key).clone();
        let mut lemma = Lemma { key, ..Lemma::default() };
        let [head, lengths @ ..] = info.components.as_slice() else {
            return lemma;
        };
        lemma.head = usize::from(head - ENCODED_ZERO);
        let mut at = 0;
        for byte in lengths {
            let (length, link) =
                (usize::from((byte - ENCODED_ZERO) / 4), Link::ALL[usize::from((byte - ENCODED_ZERO) % 4)]);
            lemma.components.push(Component { key: (at, at + length), link, offsets: None });
            at += length + link.text().len();
        }
        lemma.components.push(Component { key: (at, lemma.key.len()), link: Link::None, offsets: None });
        lemma.locate_components(word);
        lemma
    }

    /// The lemma of a word that is split in two, with its head read as `head`.
    pub fn from_split(word: &str, split: &Split, head: &Constituent, standard: Standard) -> Lemma {
        let modifier = match modifier_constituent(&split.modifier, split.link, standard) {
            Some(constituent) => Lemma::from_constituent(&constituent, &split.modifier),
            None => find_split(&split.modifier, WordKind::Unknown, standard)
                .and_then(|inner| {
                    let heads = head_constituents(&split.modifier[inner.head..], WordKind::Unknown, standard);
                    Some(Lemma::from_split(&split.modifier, &inner, heads.first()?, standard))
                })
                .unwrap_or_else(|| Lemma::simplex(&split.modifier)),
        };
        let head = Lemma::from_constituent(head, &word[split.head..]);
        Lemma::join(modifier, split, head, word)
    }

    /// The compound of the modifier and the head into which the word was split.
    pub fn join(modifier: Lemma, split: &Split, head: Lemma, word: &str) -> Lemma {
        let (modifier_key, head_key) = (modifier.key.len(), head.key.len());
        let key = format_smolstr!("{}{}{}", modifier.key, split.link.text(), head.key);
        let components = or_whole_word(modifier.components, modifier_key, split.modifier.len());
        let mut lemma = Lemma { key, head: components.len(), components };
        for component in &mut lemma.components {
            component.offsets = component.offsets.map(|(start, end)| (start, end.min(split.modifier_end)));
        }
        if let Some(last) = lemma.components.last_mut() {
            last.link = split.link;
        }
        let head_key_start = modifier_key + split.link.text().len();
        let components = or_whole_word(head.components, head_key, word.len() - split.head);
        lemma.components.extend(components.into_iter().map(|component| Component {
            key: (component.key.0 + head_key_start, component.key.1 + head_key_start),
            link: component.link,
            offsets: component.offsets.map(|(start, end)| (start + split.head, end + split.head)),
        }));
        if lemma.components.len() > MAX_COMPONENTS {
            lemma.components.clear();
        }
        lemma
    }

    /// Sets the offsets of the components in a form of the word, if all but the last are spelled there as in the key.
    fn locate_components(&mut self, word: &str) {
        let mut at = 0;
        let last = self.components.len() - 1;
        for index in 0..=last {
            let Component { key: (start, end), link, .. } = self.components[index];
            let mut spelling = &self.key[start..end];
            if link == Link::Dropped {
                spelling = &spelling[..spelling.len() - spelling.chars().next_back().map_or(0, char::len_utf8)];
            }
            let is_spelled_like_key = if index == last {
                has_same_start(&word[at..], spelling)
            } else {
                word[at..].starts_with(spelling) && word[at + spelling.len()..].starts_with(link.text())
            };
            if !is_spelled_like_key {
                self.components.iter_mut().for_each(|component| component.offsets = None);
                return;
            }
            let end = if index == last { word.len() } else { at + spelling.len() };
            self.components[index].offsets = Some((at, end));
            at = end + link.text().len();
        }
    }

    /// Copies the offsets of `other`, a split of the same word, if the components correspond one to one. The keys may
    /// differ: in the lexicon, *botnflate* has the key *bunnflate*; splitting the word gives another.
    pub fn copy_offsets(&mut self, other: &Lemma) {
        if (self.components.len(), self.head) == (other.components.len(), other.head) {
            for (component, same) in self.components.iter_mut().zip(&other.components) {
                component.offsets = same.offsets;
            }
        }
    }

    /// The byte offset of the head in the word.
    pub fn head_offset(&self) -> Option<usize> {
        self.components.get(self.head)?.offsets.map(|(start, _)| start)
    }

    /// Every run of neighboring components except the whole word: its key, as a byte range of the lemma key, and its
    /// byte offsets in the word.
    pub fn runs(&self) -> impl Iterator<Item = ((usize, usize), Option<(usize, usize)>)> + '_ {
        let count = self.components.len();
        (0..count).flat_map(move |first| {
            (first..count).filter(move |last| *last - first + 1 < count).map(move |last| {
                let (first, last) = (&self.components[first], &self.components[last]);
                let offsets = first.offsets.zip(last.offsets).map(|((start, _), (_, end))| (start, end));
                ((first.key.0, last.key.1), offsets)
            })
        })
    }

    /// The bytes that encode the components in `data/compounds.dawg`: the index of the first component of the head,
    /// then, for each component but the last, four times the length of its key plus the index of its link.
    /// `ENCODED_ZERO` is added to each number. `None` if the word is not a compound, or if a number doesn't fit in a
    /// byte.
    pub fn encode_components(&self) -> Option<Vec<u8>> {
        let (_, but_last) = self.components.split_last()?;
        let mut code = vec![ENCODED_ZERO + u8::try_from(self.head).ok()?];
        for component in but_last {
            let link = Link::ALL.into_iter().position(|link| link == component.link)?;
            code.push(u8::try_from((component.key.1 - component.key.0) * 4 + link + usize::from(ENCODED_ZERO)).ok()?);
        }
        Some(code)
    }
}

/// Whether a form of a head starts with the first two letters of its key. It is false for toårsdag, whose key is
/// toårdag: at the offset of *dag* in the key, the word has *sdag*.
fn has_same_start(form: &str, key: &str) -> bool {
    form.chars().zip(key.chars()).take(2).all(|(one, other)| one == other) && form.chars().nth(1).is_some()
}

/// The components of one side of a compound; a simplex side is a single component.
fn or_whole_word(components: Components, key_length: usize, word_length: usize) -> Components {
    if components.is_empty() {
        smallvec![Component { key: (0, key_length), link: Link::None, offsets: Some((0, word_length)) }]
    } else {
        components
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::norwegian::analyze;

    /// Checks the components of a word, each as `key=letters@offset`: its key, its letters in the word and their byte
    /// offset.
    #[track_caller]
    fn check(standard: Standard, text: &str, expected: &str) {
        let token = &analyze(text, standard)[0];
        let components: Vec<String> =
            token.components().map(|(key, (start, end))| format!("{key}={}@{start}", &text[start..end])).collect();
        assert_eq!(components.join(" "), expected, "{text}");
    }

    #[test]
    fn components_have_the_key_of_their_lemma_and_the_offsets_of_their_form() {
        check(Standard::Bokmal, "musikkorps", "musikk=musik@0 korps=korps@5");
        check(Standard::Bokmal, "Taushetspliktens", "taushet=Taushet@0 plikt=pliktens@8");
        check(Standard::Bokmal, "opplæringslova", "opplæring=opplæring@0 lov=lova@11");
        check(Standard::Nynorsk, "opplæringslova", "opplæring=opplæring@0 lov=lova@11");
        check(Standard::Bokmal, "støtteressurser", "støtte=støtte@0 ressurs=ressurser@7");
    }

    #[test]
    fn every_run_of_neighboring_components_has_a_key() {
        check(
            Standard::Bokmal,
            "barnevernstjenesten",
            "barn=barn@0 barnevern=barnevern@0 vern=vern@5 vernstjeneste=vernstjenesten@5 tjeneste=tjenesten@10",
        );
    }

    #[test]
    fn components_have_the_same_key_in_both_standards() {
        check(Standard::Nynorsk, "verkemidla", "virke=verke@0 middel=midla@5");
        check(Standard::Nynorsk, "skulebøkene", "skole=skule@0 bok=bøkene@5");
    }

    #[test]
    fn components_of_a_variant_spelling_have_the_offsets_of_its_own_split() {
        check(Standard::Bokmal, "lågspenningen", "lav=låg@0 spenning=spenningen@4");
        check(Standard::Bokmal, "mjølkespann", "melke=mjølke@0 spann=spann@7");
        check(Standard::Bokmal, "gardsbruket", "gård=gard@0 bruk=bruket@5");
        check(Standard::Nynorsk, "botngarn", "bunn=botn@0 garn=garn@4");
    }

    #[test]
    fn a_simplex_word_has_no_components() {
        check(Standard::Bokmal, "rapporten", "");
        let lemma = Lemma::simplex("rapport");
        assert_eq!((lemma.head_offset(), lemma.runs().count()), (None, 0));
    }
}
