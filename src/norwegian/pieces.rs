//! Given a compound, of which pieces is it made, and where in the word do they stand?
//!
//! The canonical key of a compound is put together from the keys of its pieces and their links, so that
//! spørjeundersøking and spørreundersøkelse, sjukehus and sykehus have one, and every part of it has its own key as a
//! piece of that. For the lemmas of the lexicon keys and pieces are made once, with the data.

use smallvec::{SmallVec, smallvec};
use smol_str::{SmolStr, format_smolstr};

use super::Standard;
use super::compound::{self, Cut, Half, Whole};
use super::lexicon::{self, Class, FIRST, Link, Reading, Relations};

/// A word as the pieces it is made of; a simplex word has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compound {
    pub key: SmolStr,
    pub pieces: Pieces,
    /// The piece with which the head of the whole begins.
    pub head: usize,
}

type Pieces = SmallVec<[Piece; 3]>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Its key, in bytes of the key of the whole.
    pub key: (usize, usize),
    /// What joins it to the next.
    pub link: Link,
    /// Where it stands in the word, in bytes; `None` where it is spelt too differently there.
    pub place: Option<(usize, usize)>,
}

/// More pieces than any word has.
const MAX_PIECES: usize = 7;

impl Compound {
    pub fn simplex(key: &str) -> Compound {
        Compound { key: key.into(), ..Compound::default() }
    }

    /// A lemma of the lexicon as a form of it is spelt.
    pub fn of_reading(reading: &Reading, word: &str) -> Compound {
        Compound::of_lemma(reading, &lexicon::relations(&reading.key), word)
    }

    /// The half of a compound as it is spelt there.
    pub fn of_half(half: &Half, word: &str) -> Compound {
        Compound::of_lemma(&half.reading, &half.relations, word)
    }

    fn of_lemma(reading: &Reading, relations: &Relations, word: &str) -> Compound {
        let key = relations.key.as_ref().unwrap_or(&reading.key).clone();
        let mut made = Compound { key, ..Compound::default() };
        let [head, lengths @ ..] = relations.pieces.as_slice() else {
            return made;
        };
        made.head = usize::from(head - FIRST);
        let mut at = 0;
        for byte in lengths {
            let (length, link) = (usize::from((byte - FIRST) / 4), Link::ALL[usize::from((byte - FIRST) % 4)]);
            made.pieces.push(Piece { key: (at, at + length), link, place: None });
            at += length + link.text().len();
        }
        made.pieces.push(Piece { key: (at, made.key.len()), link: Link::None, place: None });
        made.place_in(word);
        made
    }

    /// A word that is cut in two, its head read as `head`.
    pub fn of_cut(word: &str, cut: &Cut, head: &Half, standard: Standard) -> Compound {
        let modifier = match compound::lemma(&cut.modifier, standard) {
            Some(half) => Compound::of_half(&half, &cut.modifier),
            None => compound::find(&cut.modifier, Whole::Unknown, standard)
                .and_then(|inner| {
                    let heads = compound::heads(&cut.modifier[inner.head..], Whole::Unknown, standard);
                    Some(Compound::of_cut(&cut.modifier, &inner, heads.first()?, standard))
                })
                .unwrap_or_else(|| Compound::simplex(&cut.modifier)),
        };
        let head = Compound::of_half(head, &word[cut.head..]);
        Compound::joined(modifier, cut, head, word)
    }

    fn joined(modifier: Compound, cut: &Cut, head: Compound, word: &str) -> Compound {
        let (modifier_key, head_key) = (modifier.key.len(), head.key.len());
        let key = format_smolstr!("{}{}{}", modifier.key, cut.link.text(), head.key);
        let pieces = or_whole(modifier.pieces, modifier_key, cut.modifier.len());
        let mut made = Compound { key, head: pieces.len(), pieces };
        for piece in &mut made.pieces {
            piece.place = piece.place.map(|(start, end)| (start, end.min(cut.modifier_end)));
        }
        if let Some(last) = made.pieces.last_mut() {
            last.link = cut.link;
        }
        let begin = modifier_key + cut.link.text().len();
        let pieces = or_whole(head.pieces, head_key, word.len() - cut.head);
        made.pieces.extend(pieces.into_iter().map(|piece| Piece {
            key: (piece.key.0 + begin, piece.key.1 + begin),
            link: piece.link,
            place: piece.place.map(|(start, end)| (start + cut.head, end + cut.head)),
        }));
        if made.pieces.len() > MAX_PIECES {
            made.pieces.clear();
        }
        made
    }

    /// Finds the pieces in a form of the word: all but the last are spelt there as in the key.
    fn place_in(&mut self, word: &str) {
        let mut at = 0;
        let last = self.pieces.len() - 1;
        for number in 0..=last {
            let Piece { key: (start, end), link, .. } = self.pieces[number];
            let mut spelt = &self.key[start..end];
            if link == Link::Dropped {
                spelt = &spelt[..spelt.len() - spelt.chars().next_back().map_or(0, char::len_utf8)];
            }
            if number == last {
                self.pieces[number].place = (at < word.len()).then_some((at, word.len()));
                return;
            }
            if !word[at..].starts_with(spelt) || !word[at + spelt.len()..].starts_with(link.text()) {
                self.pieces.iter_mut().for_each(|piece| piece.place = None);
                return;
            }
            self.pieces[number].place = Some((at, at + spelt.len()));
            at += spelt.len() + link.text().len();
        }
    }

    /// Where the head of the whole begins, in bytes of the word.
    pub fn head_place(&self) -> Option<usize> {
        self.pieces.get(self.head)?.place.map(|(start, _)| start)
    }

    /// Every run of neighbouring pieces but the whole: its key, in bytes of the key of the whole, and its place.
    pub fn runs(&self) -> impl Iterator<Item = ((usize, usize), Option<(usize, usize)>)> + '_ {
        let all = self.pieces.len();
        (0..all).flat_map(move |first| {
            (first..all).filter(move |last| *last - first + 1 < all).map(move |last| {
                let (first, last) = (&self.pieces[first], &self.pieces[last]);
                let place = first.place.zip(last.place).map(|((start, _), (_, end))| (start, end));
                ((first.key.0, last.key.1), place)
            })
        })
    }

    /// The bytes that stand for the pieces: the number of the one with which the head begins, then of each but the
    /// last four times its length in the key and the number of its link, all counted from `FIRST` on.
    fn code(&self) -> Option<Vec<u8>> {
        let (_, but_last) = self.pieces.split_last()?;
        let mut code = vec![FIRST + u8::try_from(self.head).ok()?];
        for piece in but_last {
            let link = Link::ALL.into_iter().position(|link| link == piece.link)?;
            code.push(u8::try_from((piece.key.1 - piece.key.0) * 4 + link + usize::from(FIRST)).ok()?);
        }
        Some(code)
    }
}

fn or_whole(pieces: Pieces, key: usize, word: usize) -> Pieces {
    if pieces.is_empty() {
        smallvec![Piece { key: (0, key), link: Link::None, place: Some((0, word)) }]
    } else {
        pieces
    }
}

/// The key and the code of the pieces of a lemma that is a compound, found without those that the data have already:
/// what the data are made of. `weight` tells how often a lemma is used.
pub fn find_pieces(lemma: &str, class: Class, weight: &dyn Fn(&str) -> f64) -> Option<(String, Vec<u8>)> {
    let made = find_all(lemma, class, weight, 0)?;
    let code = made.code()?;
    Some((made.key.into(), code))
}

/// A word that is used more than `COMMON` times, and `OFTENER` times as often as what it seems to be made of, is made
/// of something else: kontroll is no kont+roll.
const COMMON: f64 = 10.0;
const OFTENER: f64 = 12.0;
/// But what so many bytes and an -s- precede is a compound: arbeidsgiver.
const SURE_MODIFIER: usize = 5;

fn find_all(lemma: &str, class: Class, weight: &dyn Fn(&str) -> f64, depth: usize) -> Option<Compound> {
    let whole = Whole::Lemma(class);
    let cut = compound::find(lemma, whole, Standard::Bokmal).filter(|_| depth < 4)?;
    let head = &lemma[cut.head..];
    let of_whole = weight(lemma);
    // felles+betegnelse: some modifiers are used in the form with a link by themselves.
    let of_modifier = weight(&cut.modifier).max(weight(&lemma[..cut.head]));
    let is_linked = cut.link == Link::S && cut.modifier.len() >= SURE_MODIFIER;
    if !is_linked && of_whole > COMMON && of_whole > OFTENER * of_modifier.min(weight(head)) {
        return None;
    }
    let part = |spelling: &str, reading: &Reading| {
        let found = find_all(spelling, reading.class, weight, depth + 1).filter(|_| !reading.is_loan);
        found.unwrap_or_else(|| Compound::simplex(&reading.key))
    };
    let heads = compound::heads(head, whole, Standard::Bokmal);
    let mut readings = heads.iter().map(|head| &head.reading);
    let of_class = |is: &dyn Fn(&Reading) -> bool| readings.clone().find(|head| head.class == class && is(head));
    let reading = of_class(&|reading| reading.key == head).or_else(|| of_class(&|_| true)).or(readings.next())?;
    let of_head = part(head, reading);
    let modifier = match compound::lemma(&cut.modifier, Standard::Bokmal) {
        Some(half) => part(&cut.modifier, &half.reading),
        None => find_all(&cut.modifier, Class::Masculine, weight, depth + 1)?,
    };
    Some(Compound::joined(modifier, &cut, of_head, lemma))
}

#[cfg(test)]
mod tests {
    use super::super::analyze;
    use super::*;

    /// Each part of a word: its key, and what of the word stands at its place.
    fn parts(text: &str, standard: Standard) -> Vec<(String, String, usize)> {
        let found = &analyze(text, standard)[0];
        found.parts().map(|(key, (start, end))| (key.to_string(), text[start..end].to_string(), start)).collect()
    }

    /// As `key=word@place`, the place in bytes.
    #[track_caller]
    fn check(standard: Standard, text: &str, expected: &str) {
        let shown = |(key, word, start): (String, String, usize)| format!("{key}={word}@{start}");
        let found: Vec<String> = parts(text, standard).into_iter().map(shown).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn parts_have_the_key_of_their_lemma_and_the_place_of_their_form() {
        check(Standard::Bokmal, "musikkorps", "musikk=musik@0 korps=korps@5");
        check(Standard::Bokmal, "Taushetspliktens", "taushet=Taushet@0 plikt=pliktens@8");
        check(Standard::Bokmal, "opplæringslova", "opplæring=opplæring@0 lov=lova@11");
        check(Standard::Nynorsk, "opplæringslova", "opplæring=opplæring@0 lov=lova@11");
        check(Standard::Bokmal, "støtteressurser", "støtte=støtte@0 ressurs=ressurser@7");
    }

    #[test]
    fn every_run_of_neighbouring_parts_is_one() {
        check(
            Standard::Bokmal,
            "barnevernstjenesten",
            "barn=barn@0 barnevern=barnevern@0 vern=vern@5 vernstjeneste=vernstjenesten@5 tjeneste=tjenesten@10",
        );
    }

    #[test]
    fn parts_have_one_key_in_both_standards() {
        check(Standard::Nynorsk, "verkemidla", "virke=verke@0 middel=midla@5");
        check(Standard::Nynorsk, "skulebøkene", "skole=skule@0 bok=bøkene@5");
    }

    #[test]
    fn a_simplex_word_has_no_parts() {
        check(Standard::Bokmal, "rapporten", "");
        let found = Compound::simplex("rapport");
        assert_eq!((found.head_place(), found.runs().count()), (None, 0));
    }

    #[test]
    fn a_lemma_has_the_pieces_that_the_data_hold_for_it() {
        let weight = |_: &str| 1.0;
        let (key, code) = find_pieces("barneverntjeneste", Class::Masculine, &weight).unwrap();
        assert_eq!(key, "barneverntjeneste");
        assert_eq!(code, [FIRST + 2, FIRST + 4 * 4 + 2, FIRST + 4 * 4]);
        // What is used far oftener than its parts is made of something else.
        let weight = |word: &str| if word == "skolebok" { 1000.0 } else { 1.0 };
        assert_eq!(find_pieces("skolebok", Class::Feminine, &weight), None);
    }
}
