//! Given text, which words stand in it, and by which index terms can each be found?
//!
//! `analyze` cuts a text into words, `read` is what becomes of each; both are readable from top to bottom, and each
//! step is a pure function in a file of its own. The same chain reads pages and queries, so what matches is decided
//! here and nowhere else.

mod compound;
mod dawg;
mod fold;
mod forms;
mod lang;
mod lexicon;
mod numbers;
mod pieces;
mod stem;
mod stop;
mod suspended;
mod words;

pub use lang::detect as detect_lang;
pub use numbers::is_day;
pub use stop::is_stop_word;

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::page::Lang;
use words::Hang;

/// The version of what this module makes of a text. An index built with another one is rebuilt.
pub const ANALYSIS_VERSION: u32 = 2;

/// How a term was made from its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The word as it stands, composed (NFC) and in lower case.
    Exact,
    /// The canonical key of a lemma: its Bokmål spelling, whichever the standard of the text.
    Lemma,
    /// The key of a part of a compound, or of several neighbouring ones.
    Part,
}

/// How a text is read where a form means one thing in Bokmål and another in Nynorsk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standard {
    Bokmal,
    Nynorsk,
    /// Not known, as of a query: in each.
    Both,
}

impl From<Lang> for Standard {
    fn from(lang: Lang) -> Standard {
        match lang {
            Lang::Bokmal => Standard::Bokmal,
            Lang::Nynorsk => Standard::Nynorsk,
            _ => Standard::Both,
        }
    }
}

/// A word and where it stands.
#[derive(Clone, Debug)]
pub struct Occurrence {
    pub word: Rc<Word>,
    /// Counts words; the whole of a hyphenated word stands at the position of its first part. Paragraphs
    /// are `PARAGRAPH_GAP` apart, so that no phrase reaches from one into the next.
    pub position: u32,
    /// Byte offsets into the text that was analysed.
    pub start: usize,
    pub end: usize,
    /// The word is one of several that hyphens join; they follow one another behind the whole.
    pub is_part: bool,
    /// It doesn't stand there as such: the whole of a suspended compound (`støtte-` before
    /// `veiledningsressurser`), at the place of its part.
    pub is_implied: bool,
}

/// What a word can be found by. All its strings lie together, since most of the time of an analysis is waiting for
/// memory.
#[derive(Debug, PartialEq)]
pub struct Word {
    /// The word as it was given, then those of the other strings that are no piece of what stands before them.
    strings: Box<str>,
    given: Piece,
    exact: Piece,
    lemmas: SmallVec<[Piece; 2]>,
    parts: Box<[Part]>,
    /// Where the head of a compound begins, in bytes of the exact form.
    head: Option<u16>,
}

/// A piece of a word's strings: from where to where, in bytes.
type Piece = (u16, u16);

/// A part of a compound.
#[derive(Debug, PartialEq)]
struct Part {
    key: Piece,
    /// Byte offsets from the start of the word; `None` where the word as it stands is spelt too differently.
    place: Option<Piece>,
}

impl Word {
    /// The word as it stands, composed (NFC) and in lower case.
    pub fn exact(&self) -> &str {
        self.piece(self.exact)
    }

    /// The canonical keys of its lemmas, the commonest first; at least one.
    pub fn lemmas(&self) -> impl Iterator<Item = &str> {
        self.lemmas.iter().map(|piece| self.piece(*piece))
    }

    /// The keys of the parts of a compound, and of every run of neighbouring parts but the whole.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| self.piece(part.key))
    }

    fn piece(&self, piece: Piece) -> &str {
        &self.strings[usize::from(piece.0)..usize::from(piece.1)]
    }
}

/// Positions between the last word of a paragraph and the first of the next, beyond the usual one.
pub const PARAGRAPH_GAP: u32 = 4;

/// The words of a text, ordered by position, the whole of a hyphenated word before its parts.
pub fn analyze(text: &str, standard: Standard) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = Vec::with_capacity(text.len() / 6);
    let mut hangs: Vec<Hang> = Vec::new();
    let mut is_suspended = false;
    WORDS.with_borrow_mut(|known| {
        words::each(text, |word| {
            is_suspended |= word.hang != Hang::None;
            if is_suspended {
                hangs.resize(found.len(), Hang::None);
                hangs.push(word.hang);
            }
            found.push(Occurrence {
                word: known.get(word.text, standard),
                position: word.position,
                start: word.start,
                end: word.end,
                is_part: word.part,
                is_implied: false,
            });
        });
        if is_suspended {
            complete(&mut found, &hangs, standard, known);
        }
    });
    found
}

/// Adds the wholes of suspended compounds.
fn complete(found: &mut Vec<Occurrence>, hangs: &[Hang], standard: Standard, known: &mut Words) {
    let neighbours: Vec<suspended::Neighbour> = found
        .iter()
        .zip(hangs)
        .map(|(at, hang)| suspended::Neighbour {
            text: at.word.exact(),
            hang: *hang,
            head: at.word.head.map(usize::from),
        })
        .collect();
    let mut wholes = Vec::new();
    for (of, whole) in suspended::completed(&neighbours) {
        wholes.push(Occurrence { word: known.get(&whole, standard), is_implied: true, ..found[of].clone() });
    }
    found.extend(wholes);
    found.sort_by_key(|occurrence| occurrence.position);
}

/// Calls `each` with the text, kind, position and byte offsets of every term of a text.
pub fn each_term(text: &str, standard: Standard, mut each: impl FnMut(&str, Kind, u32, usize, usize)) {
    for here in analyze(text, standard) {
        if !here.is_implied {
            each(here.word.exact(), Kind::Exact, here.position, here.start, here.end);
        }
        for key in here.word.lemmas() {
            each(key, Kind::Lemma, here.position, here.start, here.end);
        }
        for (key, (start, end)) in here.parts() {
            each(key, Kind::Part, here.position, start, end);
        }
    }
}

impl Occurrence {
    /// The terms of some kinds.
    pub fn terms(&self, kinds: &'static [Kind]) -> impl Iterator<Item = &str> {
        let has = |kind: Kind| kinds.contains(&kind);
        let exact = (has(Kind::Exact) && !self.is_implied).then_some(self.word.exact());
        let lemmas = self.word.lemmas().filter(move |_| has(Kind::Lemma));
        let parts = self.word.parts().filter(move |_| has(Kind::Part));
        exact.into_iter().chain(lemmas).chain(parts)
    }

    /// The parts of a compound: the key of each, and where it stands in the text, in bytes.
    pub fn parts(&self) -> impl Iterator<Item = (&str, (usize, usize))> {
        let span = |part: &Part| part.span(self.start, self.end, self.is_implied);
        self.word.parts.iter().map(move |part| (self.word.piece(part.key), span(part)))
    }
}

impl Part {
    /// Where the part stands in a text, in bytes, for a word that stands at `start..end`.
    fn span(&self, start: usize, end: usize, is_implied: bool) -> (usize, usize) {
        match self.place {
            Some((from, to)) if !is_implied && start + usize::from(to) <= end => {
                (start + usize::from(from), start + usize::from(to))
            }
            _ => (start, end),
        }
    }
}

/// A word by itself.
fn word(text: &str, standard: Standard) -> Rc<Word> {
    WORDS.with_borrow_mut(|known| known.get(text, standard))
}

/// The canonical keys of a word's lemmas, the commonest first.
pub fn lemmas(text: &str, standard: Standard) -> Vec<String> {
    word(text, standard).lemmas().map(str::to_string).collect()
}

/// Where the head of a compound begins, in bytes of the word in lower case; `None` for a simplex word.
pub fn head(text: &str, standard: Standard) -> Option<usize> {
    word(text, standard).head.map(usize::from)
}

/// For a lemma of the lexicon that is a compound its canonical key, and the bytes that stand for its pieces in
/// `data/parts.dawg`: `data/lexicon.py` asks for it when it makes the data. `class` is the letter of its word class,
/// `weight` tells how often a lemma is used.
pub fn pieces_of_lemma(lemma: &str, class: char, weight: &dyn Fn(&str) -> f64) -> Option<(String, Vec<u8>)> {
    let class = lexicon::Class::ALL.into_iter().find(|known| known.letter() == class)?;
    pieces::find_pieces(lemma, class, weight)
}

/// Whether a folded word is one that the lexicon knows, or a compound of such words.
pub fn is_word(text: &str) -> bool {
    forms::is_word(&fold::lower_key(text), Standard::Both)
}

thread_local! {
    static WORDS: RefCell<Words> = RefCell::default();
}

/// Words that were analysed before, by the standard in which they were read: more than nine of ten words of running
/// text are. Of two generations the younger takes what is asked for; when it is full it becomes the older, and what nobody
/// has asked for since is forgotten.
#[derive(Default)]
struct Words {
    young: [HashSet<Known, FxBuildHasher>; 3],
    old: [HashSet<Known, FxBuildHasher>; 3],
}

/// Words of a generation. Of 9.4 million words of laws, reviews and documentation 8.4 % were read anew with 50,000 and
/// 4.5 % with 200,000.
const GENERATION: usize = 100_000;

/// A word, looked for by the text that it was given as.
#[derive(PartialEq)]
struct Known(Rc<Word>);

impl Eq for Known {}

impl Borrow<str> for Known {
    fn borrow(&self) -> &str {
        self.0.piece(self.0.given)
    }
}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<str>::borrow(self).hash(state);
    }
}

impl Words {
    fn get(&mut self, text: &str, standard: Standard) -> Rc<Word> {
        let of = standard as usize;
        if let Some(known) = self.young[of].get(text) {
            return Rc::clone(&known.0);
        }
        if self.young[of].len() >= GENERATION {
            self.old[of] = std::mem::take(&mut self.young[of]);
        }
        let known = self.old[of].take(text).unwrap_or_else(|| Known(Rc::new(read(text, standard))));
        let word = Rc::clone(&known.0);
        self.young[of].insert(known);
        word
    }
}

/// The steps for one word: folded, its lower key, its lemmas and parts.
fn read(text: &str, standard: Standard) -> Word {
    let exact = fold::fold(text);
    let key = fold::lower_key(without_genitive_of_capitals(text, &exact));
    let forms = forms::forms(&key, standard);
    let mut strings = text.to_string();
    let given = (0, short(text.len()));
    let exact_piece = piece_of(&mut strings, &exact);
    let lemmas: SmallVec<[Piece; 2]> = forms.iter().map(|form| piece_of(&mut strings, &form.key)).collect();
    let to_text = places(&key, text);
    let to_exact = places(&key, &exact);
    let moved = |places: &Option<Vec<Option<usize>>>, at: usize| match places {
        Some(places) => places[at].map(short),
        None => Some(short(at)),
    };
    let head = forms.iter().find_map(|form| form.head_place()).and_then(|at| moved(&to_exact, at));
    // Of several readings the first that is a compound gives its parts: the others are seldom meant.
    let compound = forms.iter().zip(&lemmas).find(|(form, _)| !form.pieces.is_empty());
    let parts = compound.into_iter().flat_map(|(form, lemma)| {
        form.runs().map(|((from, to), at)| Part {
            key: (lemma.0 + short(from), lemma.0 + short(to)),
            place: at.and_then(|(start, end)| moved(&to_text, start).zip(moved(&to_text, end))),
        })
    });
    Word { parts: parts.collect(), strings: strings.into_boxed_str(), given, exact: exact_piece, lemmas, head }
}

/// USAs, NAVs: an s behind capitals is no letter of the abbreviation.
fn without_genitive_of_capitals<'a>(text: &str, exact: &'a str) -> &'a str {
    let is_abbreviation = |capitals: &str| capitals.chars().count() > 1 && capitals.chars().all(char::is_uppercase);
    match text.strip_suffix('s').filter(|capitals| is_abbreviation(capitals)) {
        Some(_) => exact.strip_suffix('s').unwrap_or(exact),
        None => exact,
    }
}

/// Where a string stands that others begin with; it is put behind them if they don't.
fn piece_of(strings: &mut String, string: &str) -> Piece {
    if strings.starts_with(string) {
        return (0, short(string.len()));
    }
    let at = strings.len();
    strings.push_str(string);
    (short(at), short(at + string.len()))
}

/// A place in a word: `words.rs` leaves out words of more than 200 letters.
fn short(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Where in `text` each byte of `key` stands: `None` if at the same, else for each byte of the key its place, as far
/// as one letter stands for one.
fn places(key: &str, text: &str) -> Option<Vec<Option<usize>>> {
    let begins_char = |byte: &u8| byte & 0xc0 != 0x80;
    if key.len() == text.len()
        && key.bytes().zip(text.bytes()).all(|(one, other)| begins_char(&one) == begins_char(&other))
    {
        return None;
    }
    // One place more than bytes: a part may end where the word ends.
    let mut places = vec![None; key.len() + 1];
    if key.chars().count() == text.chars().count() {
        for ((of_key, _), (of_text, _)) in key.char_indices().zip(text.char_indices()) {
            places[of_key] = Some(of_text);
        }
        places[key.len()] = Some(text.len());
    }
    Some(places)
}
