//! Given text, which words stand in it, and by which index terms can each be found?
//!
//! `analyze` cuts a text into words, `read` is what becomes of each; both are readable from top to bottom, and each
//! step is a pure function in a file of its own. The same chain reads pages and queries, so what matches is decided
//! here and nowhere else.

mod compound;
mod dawg;
mod forms;
mod lang;
mod lexicon;
mod listed;
mod normalize;
mod numbers;
mod pieces;
mod starts;
mod stem;
mod stop;
mod suspended;
mod words;

pub use lang::{detect as detect_lang, detect_in as detect_lang_in};
pub use normalize::normalize;
pub use numbers::is_day;
pub use starts::{PrefixFilter, lines as lines_of_starts};
pub use stop::is_stop_word;
pub use words::{MAX_WORD_CHARS, is_hyphen, is_invisible, is_word_char, may_have_invisible};

use std::borrow::Cow;
use std::cell::RefCell;
use std::hash::BuildHasher;
use std::rc::Rc;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::model::Lang;
use words::Hang;

/// The version of what this module makes of a text. An index built with another one is rebuilt.
pub const ANALYSIS_VERSION: u32 = 2;

/// How a term was made from its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TermKind {
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
pub struct Token {
    pub word: AnalyzedWord,
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

/// What a word can be found by, in one piece of memory, since most of the time of an analysis is waiting for that:
/// numbers, then the strings that they point to. A number is two ASCII chars of seven bits each, a span two numbers.
///
/// How many lemmas and parts there are (a char each); where the head of a compound begins, in bytes of the exact form;
/// the spans of the word as it was given, of the exact form and of each lemma; for each part the span of its key and its
/// place, in bytes from the start of the word.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalyzedWord(Rc<str>);

type Span = (usize, usize);

/// Stands for no number.
const NONE: usize = (1 << 14) - 1;
const SPAN: usize = 4;
const HEAD: usize = 2;
const GIVEN: usize = 4;
const EXACT: usize = GIVEN + SPAN;
const LEMMAS: usize = EXACT + SPAN;

/// A part of a compound.
struct Part {
    key: Span,
    /// Byte offsets from the start of the word; `None` where the word as it stands is spelt too differently.
    place: Option<Span>,
}

impl AnalyzedWord {
    /// The word as it stands, composed (NFC) and in lower case.
    pub fn exact(&self) -> &str {
        self.string(EXACT)
    }

    /// The canonical keys of its lemmas, the commonest first; at least one.
    pub fn lemmas(&self) -> impl Iterator<Item = &str> {
        (0..self.lemma_count()).map(|lemma| self.string(LEMMAS + lemma * SPAN))
    }

    /// The keys of the parts of a compound, and of every run of neighbouring parts but the whole.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.each_part().map(|part| &self.0[part.key.0..part.key.1])
    }

    fn each_part(&self) -> impl Iterator<Item = Part> {
        let first = self.first_part();
        (0..self.part_count()).map(move |part| {
            let at = first + part * 2 * SPAN;
            let place = self.span(at + SPAN);
            Part { key: self.span(at), place: (place.0 != NONE).then_some(place) }
        })
    }

    /// Where the head of a compound begins, in bytes of the exact form.
    fn head(&self) -> Option<usize> {
        Some(self.number(HEAD)).filter(|head| *head != NONE)
    }

    /// Whether it was given so.
    fn is_of(&self, text: &str) -> bool {
        let (start, end) = self.span(GIVEN);
        &self.0.as_bytes()[start..end] == text.as_bytes()
    }

    fn lemma_count(&self) -> usize {
        usize::from(self.0.as_bytes()[0])
    }

    fn part_count(&self) -> usize {
        usize::from(self.0.as_bytes()[1])
    }

    /// Where the numbers of the parts begin.
    fn first_part(&self) -> usize {
        LEMMAS + self.lemma_count() * SPAN
    }

    fn string(&self, at: usize) -> &str {
        let (start, end) = self.span(at);
        &self.0[start..end]
    }

    fn span(&self, at: usize) -> Span {
        (self.number(at), self.number(at + 2))
    }

    fn number(&self, at: usize) -> usize {
        let bytes = self.0.as_bytes();
        usize::from(bytes[at]) | usize::from(bytes[at + 1]) << 7
    }
}

/// Positions between the last word of a paragraph and the first of the next, beyond the usual one.
pub const PARAGRAPH_GAP: u32 = 4;

/// The words of a text, ordered by position, the whole of a hyphenated word before its parts.
pub fn analyze(text: &str, standard: Standard) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::with_capacity(text.len() / 6);
    let mut hangs: Vec<Hang> = Vec::new();
    let mut is_suspended = false;
    WORDS.with_borrow_mut(|known| {
        let mut asked = std::mem::take(&mut known.asked);
        words::each(text, |word| {
            is_suspended |= word.hang != Hang::None;
            if is_suspended {
                hangs.resize(found.len() + asked.words.len(), Hang::None);
                hangs.push(word.hang);
            }
            asked.push(&word, standard);
            if asked.words.len() == BATCH {
                known.get_all(&mut asked, standard, &mut found);
            }
        });
        known.get_all(&mut asked, standard, &mut found);
        known.asked = asked;
        if is_suspended {
            complete(&mut found, &hangs, standard, known);
        }
    });
    found
}

/// Adds the wholes of suspended compounds.
fn complete(found: &mut Vec<Token>, hangs: &[Hang], standard: Standard, known: &mut Words) {
    let mut wholes = Vec::new();
    let exact = |place: usize| Cow::Borrowed(found[place].word.exact());
    for (of, whole) in suspended::completed(hangs, exact, |place| found[place].word.head()) {
        wholes.push(Token { word: known.get(&whole, standard), is_implied: true, ..found[of].clone() });
    }
    found.extend(wholes);
    found.sort_by_key(|occurrence| occurrence.position);
}

/// Those words of a text that may have one of some keys or be one of some forms, as `analyze` gives them: all that do, and
/// some others. The others are not read, which is most of the time of an analysis.
pub fn analyze_matching(text: &str, standard: Standard, starts: &PrefixFilter) -> Vec<Token> {
    if starts.are_many() {
        return analyze(text, standard);
    }
    let mut found: Vec<Token> = Vec::new();
    let mut is_suspended = false;
    WORDS.with_borrow_mut(|known| {
        let mut asked = std::mem::take(&mut known.asked);
        words::each(text, |word| {
            is_suspended |= word.hang != Hang::None;
            if starts.may_be_in(word.text) {
                asked.push(&word, standard);
                if asked.words.len() == BATCH {
                    known.get_all(&mut asked, standard, &mut found);
                }
            }
        });
        known.get_all(&mut asked, standard, &mut found);
        known.asked = asked;
        if is_suspended {
            complete_where(&mut found, text, standard, starts, known);
        }
    });
    found
}

/// Adds those wholes of suspended compounds that may have one of the keys. Few texts have suspended compounds, so their words
/// are cut out once more rather than kept of all.
fn complete_where(found: &mut Vec<Token>, text: &str, standard: Standard, starts: &PrefixFilter, known: &mut Words) {
    let (mut letters, mut all, mut hangs) = (String::with_capacity(text.len()), Vec::new(), Vec::new());
    words::each(text, |words::SourceWord { text, position, start, end, part, hang }| {
        let begin = letters.len();
        letters.push_str(text);
        all.push((begin..letters.len(), position, start, end, part));
        hangs.push(hang);
    });
    let given = |place: usize| &letters[all[place].0.clone()];
    let head = |place| known.get(given(place), standard).head();
    let mut wholes = suspended::completed(&hangs, |place| normalize::normalize(given(place)), head);
    wholes.retain(|(_, whole)| starts.may_be_in(whole));
    for (of, whole) in wholes {
        let (_, position, start, end, is_part) = all[of].clone();
        let word = known.get(&whole, standard);
        found.push(Token { word, position, start, end, is_part, is_implied: true });
    }
    found.sort_by_key(|occurrence| occurrence.position);
}

/// Calls `each` with the text, kind, position and byte offsets of every term of a text.
pub fn for_each_term(text: &str, standard: Standard, mut each: impl FnMut(&str, TermKind, u32, usize, usize)) {
    for here in analyze(text, standard) {
        if !here.is_implied {
            each(here.word.exact(), TermKind::Exact, here.position, here.start, here.end);
        }
        for key in here.word.lemmas() {
            each(key, TermKind::Lemma, here.position, here.start, here.end);
        }
        for (key, (start, end)) in here.parts() {
            each(key, TermKind::Part, here.position, start, end);
        }
    }
}

impl Token {
    /// The terms of some kinds, kind after kind.
    pub fn terms(&self, kinds: &'static [TermKind]) -> impl Iterator<Item = &str> {
        (0..).map_while(|number| self.term(kinds, number))
    }

    /// The one of these with this number, counted from 0.
    pub fn term(&self, kinds: &[TermKind], mut number: usize) -> Option<&str> {
        for kind in kinds {
            let (first, size, count) = match kind {
                TermKind::Exact => (EXACT, SPAN, usize::from(!self.is_implied)),
                TermKind::Lemma => (LEMMAS, SPAN, self.word.lemma_count()),
                TermKind::Part => (self.word.first_part(), 2 * SPAN, self.word.part_count()),
            };
            if number < count {
                return Some(self.word.string(first + number * size));
            }
            number -= count;
        }
        None
    }

    /// The parts of a compound: the key of each, and where it stands in the text, in bytes.
    pub fn parts(&self) -> impl Iterator<Item = (&str, (usize, usize))> {
        self.word
            .each_part()
            .map(|part| (&self.word.0[part.key.0..part.key.1], part.span(self.start, self.end, self.is_implied)))
    }
}

impl Part {
    /// Where the part stands in a text, in bytes, for a word that stands at `start..end`.
    fn span(&self, start: usize, end: usize, is_implied: bool) -> (usize, usize) {
        match self.place {
            Some((from, to)) if !is_implied && start + to <= end => (start + from, start + to),
            _ => (start, end),
        }
    }
}

/// A word by itself.
fn word(text: &str, standard: Standard) -> AnalyzedWord {
    WORDS.with_borrow_mut(|known| known.get(text, standard))
}

/// The canonical keys of a word's lemmas, the commonest first.
pub fn lemmas(text: &str, standard: Standard) -> Vec<String> {
    word(text, standard).lemmas().map(str::to_string).collect()
}

/// Where the head of a compound begins, in bytes of the word in lower case; `None` for a simplex word.
pub fn head(text: &str, standard: Standard) -> Option<usize> {
    word(text, standard).head()
}

/// The one standard in which a word is a form of this lemma, or its head a form of any; `Both` where that can't be told.
pub fn standard_of(text: &str, lemma: &str) -> Standard {
    let key = normalize::lower_key(text);
    let mut readings = forms::known(&key, Standard::Both);
    if readings.is_empty() {
        let head = head(text, Standard::Both).and_then(|head| text.get(head..)).unwrap_or(text);
        readings = forms::known(&normalize::lower_key(head), Standard::Both);
    } else if readings.iter().any(|reading| reading.key == lemma) {
        readings.retain(|reading| reading.key == lemma);
    }
    let any = |is_in: fn(&lexicon::Reading) -> bool| readings.iter().any(is_in);
    match (any(|reading| reading.is_bokmal), any(|reading| reading.is_nynorsk)) {
        (true, false) => Standard::Bokmal,
        (false, true) => Standard::Nynorsk,
        _ => Standard::Both,
    }
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
    forms::is_word(&normalize::lower_key(text), Standard::Both)
}

thread_local! {
    static WORDS: RefCell<Words> = RefCell::default();
}

/// Words that were analysed before: more than nine of ten words of running text are. A word is looked for in the set
/// that its hash names. When it is found there it moves one slot to the front, and a new one takes the last slot, so
/// that what a text has once doesn't push out what is common.
struct Words {
    /// Each a line of memory: the tags of eight words, 0 for none, and their places in `words`. There are more when half of
    /// them are taken, since to touch memory for the first time takes longer than to look for a word.
    sets: Vec<Set>,
    words: Vec<AnalyzedWord>,
    /// Empty between two texts; its memory is kept.
    asked: Asked,
}

const SLOTS: usize = 8;
/// 262,144 words in all, of about a hundred bytes. Of 9.4 million words of laws, reviews and documentation 4.7 % were
/// read anew.
const SETS: usize = 1 << 15;
const FIRST_SETS: usize = 1 << 6;
/// So many times more.
const GROWTH: usize = 1 << 3;

type Set = [u32; 2 * SLOTS];

impl Default for Words {
    fn default() -> Words {
        Words { sets: vec![[0; 2 * SLOTS]; FIRST_SETS], words: Vec::new(), asked: Asked::default() }
    }
}

impl Words {
    fn get(&mut self, text: &str, standard: Standard) -> AnalyzedWord {
        let key = Key::new(text, standard);
        let candidate = self.candidate(key).map(|place| self.words[place].clone());
        self.or_read(candidate, text, standard, key)
    }

    /// Moves the words that are asked for to those that were found. Each step is made for all of them before the next,
    /// so that the waits for memory overlap.
    fn get_all(&mut self, asked: &mut Asked, standard: Standard, found: &mut Vec<Token>) {
        asked.places.extend(asked.words.iter().map(|word| self.candidate(word.key)));
        asked.candidates.extend(asked.places.drain(..).map(|place| Some(self.words[place?].clone())));
        let mut begin = 0;
        for (AskedWord { key, letters, position, start, end, is_part }, candidate) in
            asked.words.drain(..).zip(asked.candidates.drain(..))
        {
            let word = self.or_read(candidate, &asked.letters[begin..letters], standard, key);
            found.push(Token { word, position, start, end, is_part, is_implied: false });
            begin = letters;
        }
        asked.letters.clear();
    }

    /// Where a word with this key stands. It moves one slot to the front.
    fn candidate(&mut self, key: Key) -> Option<usize> {
        let set = key.set(&mut self.sets);
        let slot = set[..SLOTS].iter().position(|tag| *tag == key.tag)?;
        let place = set[SLOTS + slot] as usize;
        if slot > 0 {
            set.swap(slot, slot - 1);
            set.swap(SLOTS + slot, SLOTS + slot - 1);
        }
        Some(place)
    }

    /// The candidate if it is the word, else the word read and kept.
    fn or_read(&mut self, candidate: Option<AnalyzedWord>, text: &str, standard: Standard, key: Key) -> AnalyzedWord {
        if let Some(word) = candidate.filter(|word| word.is_of(text)) {
            return word;
        }
        let word = read(text, standard);
        if self.words.len() >= self.sets.len() * SLOTS / 2 && self.sets.len() < SETS {
            self.grow();
        }
        let set = key.set(&mut self.sets);
        let slot = free_slot(set).unwrap_or(SLOTS - 1);
        if set[slot] == 0 {
            set[SLOTS + slot] = self.words.len() as u32;
            self.words.push(word.clone());
        } else {
            self.words[set[SLOTS + slot] as usize] = word.clone();
        }
        set[slot] = key.tag;
        word
    }

    fn grow(&mut self) {
        let mut sets = vec![[0; 2 * SLOTS]; self.sets.len() * GROWTH];
        for set in &self.sets {
            for slot in 0..SLOTS {
                let (tag, place) = (set[slot], set[SLOTS + slot]);
                if tag == 0 {
                    break;
                }
                let given = self.words[place as usize].string(GIVEN);
                let set = Key { tag, ..Key::new(given, Standard::Both) }.set(&mut sets);
                if let Some(slot) = free_slot(set) {
                    (set[slot], set[SLOTS + slot]) = (tag, place);
                }
            }
        }
        self.sets = sets;
    }
}

fn free_slot(set: &Set) -> Option<usize> {
    set[..SLOTS].iter().position(|tag| *tag == 0)
}

/// What a word is looked for by in `Words`.
#[derive(Clone, Copy)]
struct Key {
    /// Tells its set.
    number: u32,
    /// Never 0, and never the same in two standards.
    tag: u32,
}

impl Key {
    fn new(text: &str, standard: Standard) -> Key {
        let hash = FxBuildHasher.hash_one(text);
        Key { number: (hash >> 32) as u32, tag: (hash as u32) << 2 | (standard as u32 + 1) }
    }

    fn set(self, sets: &mut [Set]) -> &mut Set {
        let count = sets.len();
        &mut sets[self.number as usize % count]
    }
}

/// Words that are looked up together.
#[derive(Default)]
struct Asked {
    /// The letters of all, one behind another: some stand otherwise in the text.
    letters: String,
    words: Vec<AskedWord>,
    places: Vec<Option<usize>>,
    candidates: Vec<Option<AnalyzedWord>>,
}

const BATCH: usize = 64;

struct AskedWord {
    key: Key,
    /// Where its letters end.
    letters: usize,
    position: u32,
    start: usize,
    end: usize,
    is_part: bool,
}

impl Asked {
    fn push(&mut self, word: &words::SourceWord, standard: Standard) {
        let words::SourceWord { text, position, start, end, part: is_part, .. } = *word;
        self.letters.push_str(text);
        let key = Key::new(text, standard);
        self.words.push(AskedWord { key, letters: self.letters.len(), position, start, end, is_part });
    }
}

/// The steps for one word: folded, its lower key, its lemmas and parts.
fn read(text: &str, standard: Standard) -> AnalyzedWord {
    let exact = normalize::normalize(text);
    let key = normalize::lower_key(without_genitive_of_capitals(text, &exact));
    let forms = forms::forms(&key, standard);
    let to_text = places(&key, text);
    let to_exact = places(&key, &exact);
    let moved = |places: &Option<Vec<Option<usize>>>, at: usize| match places {
        Some(places) => places[at],
        None => Some(at),
    };
    let head = forms.iter().find_map(|form| form.head_place()).and_then(|at| moved(&to_exact, at));
    // Of several readings the first that is a compound gives its parts: the others are seldom meant.
    let compound = forms.iter().enumerate().find(|(_, form)| !form.pieces.is_empty());
    let parts = compound.into_iter().flat_map(|(lemma, form)| form.runs().map(move |(key, place)| (lemma, key, place)));
    let parts: SmallVec<[(usize, Span, Option<Span>); 6]> = parts.collect();

    let mut written = Writer::new(forms.len(), parts.len());
    written.number(head.unwrap_or(NONE));
    written.string(text);
    written.string(&exact);
    let lemmas: SmallVec<[usize; 4]> = forms.iter().map(|form| written.string(&form.key)).collect();
    for (lemma, (from, to), place) in parts {
        written.span((lemmas[lemma] + from, lemmas[lemma] + to));
        let place = place.and_then(|(start, end)| moved(&to_text, start).zip(moved(&to_text, end)));
        written.span(place.unwrap_or((NONE, NONE)));
    }
    written.word()
}

/// Puts a `AnalyzedWord` together.
struct Writer {
    numbers: String,
    strings: String,
    /// How many bytes the numbers take.
    begin: usize,
}

impl Writer {
    fn new(lemmas: usize, parts: usize) -> Writer {
        let begin = LEMMAS + lemmas * SPAN + parts * 2 * SPAN;
        let mut numbers = String::with_capacity(2 * begin);
        numbers.push(seven_bits(lemmas));
        numbers.push(seven_bits(parts));
        Writer { numbers, strings: String::with_capacity(begin), begin }
    }

    fn number(&mut self, number: usize) {
        self.numbers.push(seven_bits(number));
        self.numbers.push(seven_bits(number >> 7));
    }

    fn span(&mut self, (start, end): Span) {
        self.number(start);
        self.number(end);
    }

    /// Where the string stands; that of another may begin with it.
    fn string(&mut self, string: &str) -> usize {
        let mut at = 0;
        if !self.strings.starts_with(string) {
            at = self.strings.len();
            self.strings.push_str(string);
        }
        self.span((self.begin + at, self.begin + at + string.len()));
        self.begin + at
    }

    fn word(mut self) -> AnalyzedWord {
        self.numbers.push_str(&self.strings);
        AnalyzedWord(Rc::from(self.numbers))
    }
}

/// The lowest seven bits of a number as a char of one byte.
fn seven_bits(number: usize) -> char {
    char::from((number & 0x7f) as u8)
}

/// USAs, NAVs: an s behind capitals is no letter of the abbreviation.
fn without_genitive_of_capitals<'a>(text: &str, exact: &'a str) -> &'a str {
    let is_abbreviation = |capitals: &str| capitals.chars().count() > 1 && capitals.chars().all(char::is_uppercase);
    match text.strip_suffix('s').filter(|capitals| is_abbreviation(capitals)) {
        Some(_) => exact.strip_suffix('s').unwrap_or(exact),
        None => exact,
    }
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
