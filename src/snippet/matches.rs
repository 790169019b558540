//! Given a text and a query, what in the text is it that the query looks for?

use crate::norwegian::{self, PrefixFilter, Standard, Token, is_hyphen, is_invisible, may_have_invisible};
use crate::query::{Phrase, Proximity, Query, proximity_spans};

/// A place of a text that matches the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
    /// Which of the query's words it is; words of a phrase share the phrase's number.
    pub word: usize,
    /// It is a part of a compound only.
    pub is_part: bool,
}

/// What a query looks for in texts.
pub struct Highlighter<'a> {
    pub query: &'a Query,
    starts: PrefixFilter,
}

impl<'a> Highlighter<'a> {
    pub fn of(query: &'a Query) -> Highlighter<'a> {
        Highlighter { query, starts: starts(query) }
    }

    /// Everything in `text`, read in its standard, that the query looks for, in order. The words of a phrase match
    /// where the whole phrase stands, those of a synonym with the number of the word that it stands for.
    pub fn matches(&self, text: &str, standard: Standard) -> Vec<Match> {
        if !(may_have_invisible(text) && text.contains(is_invisible)) {
            return self.find(text, standard);
        }
        // Where the parts of a word stand is known of a word in plain letters.
        let (plain, origins) = without_invisible(text);
        let mut found = self.find(&plain, standard);
        for found in &mut found {
            found.start = origins[found.start];
            found.end = origins[found.end - 1] + 1;
        }
        found
    }

    fn find(&self, text: &str, standard: Standard) -> Vec<Match> {
        find_among(&self.words(text, standard), text, self.query)
    }

    /// Those words of a text that may be marked, and others beside which they are.
    fn words(&self, text: &str, standard: Standard) -> Vec<Token> {
        let words = norwegian::analyze_matching(text, standard, &self.starts);
        // The other half of a suspended compound is looked for in its neighbours.
        if words.iter().any(|here| here.is_implied) { norwegian::analyze(text, standard) } else { words }
    }
}

/// The text without soft hyphens and joiners between letters, and for each byte of it where that stands in the text.
pub(super) fn without_invisible(text: &str) -> (String, Vec<usize>) {
    let (mut plain, mut origins) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_inside = is_invisible(c)
            && plain.ends_with(char::is_alphabetic)
            && text[at..].trim_start_matches(is_invisible).starts_with(char::is_alphabetic);
        if is_inside {
            while chars.next_if(|(_, c)| is_invisible(*c)).is_some() {}
        } else {
            plain.push(c);
            origins.extend(at..at + c.len_utf8());
        }
    }
    (plain, origins)
}

/// What must stand in a word that a query marks.
pub(crate) fn starts(query: &Query) -> PrefixFilter {
    let mut starts = PrefixFilter::default();
    for word in query.matching_words() {
        starts.add_form(&word.exact);
        word.lemmas.iter().chain(&word.split_compound).for_each(|key| starts.add_key(key));
        word.synonyms.iter().for_each(|synonym| add_phrase(&synonym.phrase, &mut starts));
    }
    query.phrases.iter().for_each(|phrase| add_phrase(phrase, &mut starts));
    query.proximities.iter().for_each(|near| add_near(near, &mut starts));
    for pattern in query.matching_patterns() {
        pattern.expansions.iter().flatten().for_each(|form| starts.add_form(form));
    }
    starts
}

/// Adds what must stand in the words of a phrase.
pub(crate) fn add_phrase(phrase: &Phrase, starts: &mut PrefixFilter) {
    match phrase {
        Phrase::ExactWord(form) => starts.add_form(form),
        Phrase::Lemmas(row) => row.iter().flat_map(|(_, keys)| keys).for_each(|key| starts.add_key(key)),
        Phrase::ExactWords(row) => row.iter().for_each(|(_, form)| starts.add_form(form)),
    }
}

/// Adds what must stand in words that stand near one another.
pub(crate) fn add_near(near: &Proximity, starts: &mut PrefixFilter) {
    let keys = near.words.iter().flatten();
    keys.for_each(|key| if near.is_exact { starts.add_form(key) } else { starts.add_key(key) });
}

/// What a query looks for among the words of a text.
fn find_among(words: &[Token], text: &str, query: &Query) -> Vec<Match> {
    let mut found = Vec::new();
    let finding: Vec<_> = query.matching_words().collect();
    for (number, word) in finding.iter().enumerate() {
        if word.is_quoted {
            continue;
        }
        for synonym in &word.synonyms {
            find_phrase(text, words, &synonym.phrase, number, &mut found);
        }
        let found_before = found.len();
        for here in words {
            if has_lemma(here, &word.lemmas)
                || has_lemma(here, &word.split_compound)
                || !here.is_implied && here.word.exact() == word.exact
            {
                found.extend(places(text, words, here).map(|(start, end)| Match {
                    start,
                    end,
                    word: number,
                    is_part: false,
                }));
            } else if !here.is_implied {
                found.extend(part_match(text, here, &word.lemmas, number));
            }
        }
        // A part of a suspended compound stands beside it nearly always, and is marked there.
        if found.len() == found_before {
            let implied = words.iter().filter(|here| here.is_implied);
            found.extend(implied.filter_map(|here| part_match(text, here, &word.lemmas, number)));
        }
    }
    for (number, phrase) in query.phrases.iter().enumerate() {
        find_phrase(text, words, phrase, finding.len() + number, &mut found);
    }
    let others = finding.len() + query.phrases.len();
    for (number, near) in query.proximities.iter().enumerate() {
        find_near(words, near, others + number, &mut found);
    }
    for (number, pattern) in query.matching_patterns().enumerate() {
        let forms = pattern.expansions.as_deref().unwrap_or(&[]);
        let is_asked = |here: &&Token| has_form(here, forms);
        let number = others + query.proximities.len() + number;
        let at = |here: &Token| Match { start: here.start, end: here.end, word: number, is_part: false };
        found.extend(words.iter().filter(is_asked).map(at));
    }
    found.sort_by_key(|found| (found.start, found.end));
    found
}

/// Whether a word of a text has one of these lemmas.
pub(crate) fn has_lemma(here: &Token, lemmas: &[String]) -> bool {
    here.word.lemmas().any(|lemma| lemmas.iter().any(|asked| asked == lemma))
}

/// Whether it is one of these words as they stand.
pub(crate) fn has_form(here: &Token, forms: &[String]) -> bool {
    !here.is_implied && forms.iter().any(|form| form == here.word.exact())
}

fn part_match(text: &str, here: &Token, lemmas: &[String], word: usize) -> Option<Match> {
    let (key, (mut start, mut end)) = here.components().find(|(key, _)| lemmas.iter().any(|lemma| lemma == key))?;
    // The letter that two pieces share, of three equal ones (busstopp), is of the first one too.
    if let Some(shared) = text[end..here.end.max(end)].chars().next()
        && text[start..end].ends_with(shared)
        && key.ends_with(shared)
        && text[start..end].to_lowercase() == key[..key.len() - shared.len_utf8()]
    {
        end += shared.len_utf8();
    }
    // The s that joins the pieces is of neither, also where the key is made without it.
    if start > here.start && text[start..end].starts_with('s') && end - start > 1 && !key.starts_with('s') {
        start += 1;
    }
    Some(Match { start, end, word, is_part: true })
}

/// Adds where a phrase stands in a text with these words, with this number.
pub(crate) fn find_phrase(text: &str, words: &[Token], phrase: &Phrase, number: usize, found: &mut Vec<Match>) {
    let at = |here: &Token| {
        let marked: Vec<_> = places(text, words, here).collect();
        marked.into_iter().map(move |(start, end)| Match { start, end, word: number, is_part: false })
    };
    match phrase {
        Phrase::ExactWord(word) => {
            found.extend(words.iter().filter(|here| !here.is_implied && here.word.exact() == word).flat_map(at));
        }
        Phrase::Lemmas(row) => {
            let stands =
                |here: &Token, (place, lemmas): &(usize, Vec<String>)| has_lemma(here, lemmas).then_some(*place);
            found.extend(rows(words, row, stands).into_iter().flat_map(at));
        }
        Phrase::ExactWords(row) => {
            let has = |here: &Token, exact: &String| !here.is_implied && here.word.exact() == exact;
            let stands = |here: &Token, (place, exact): &(usize, String)| has(here, exact).then_some(*place);
            found.extend(rows(words, row, stands).into_iter().flat_map(at));
        }
    }
}

/// The words of every place where words stand in a row: `stands` gives the place of a word in it where it is this one.
fn rows<'a, T>(words: &'a [Token], row: &'a [T], stands: impl Fn(&Token, &T) -> Option<usize>) -> Vec<&'a Token> {
    let begins = words.iter().filter(|here| row.first().is_some_and(|first| stands(here, first).is_some()));
    let all = |begin: &'a Token| -> Option<Vec<&'a Token>> {
        let there = |word: &T| {
            let is_there =
                |here: &&Token| stands(here, word).is_some_and(|place| here.position == begin.position + place as u32);
            words.iter().find(is_there)
        };
        row.iter().map(there).collect()
    };
    begins.filter_map(all).flatten().collect()
}

/// Adds the words that stand near one another, with this number.
pub(crate) fn find_near(words: &[Token], near: &Proximity, number: usize, found: &mut Vec<Match>) {
    let is_one = |here: &Token, keys: &[String]| {
        if near.is_exact { has_form(here, keys) } else { has_lemma(here, keys) }
    };
    let places = |keys: &Vec<String>| {
        let mut places: Vec<u32> = words.iter().filter(|here| is_one(here, keys)).map(|here| here.position).collect();
        places.dedup();
        places
    };
    let places: Vec<Vec<u32>> = near.words.iter().map(places).collect();
    let runs = proximity_spans(&places, near.width);
    for here in words {
        let is_in_run = runs.iter().any(|(begin, end)| (*begin..=*end).contains(&here.position));
        if is_in_run && near.words.iter().any(|keys| is_one(here, keys)) {
            found.push(Match { start: here.start, end: here.end, word: number, is_part: false });
        }
    }
}

/// As many words may stand between the halves of a suspended compound, as `norwegian` puts them together.
const REACH: usize = 16;

/// Where a word stands: of a suspended compound its own half with the hyphen, and the half that a neighbour has.
fn places<'a>(text: &str, words: &[Token], here: &'a Token) -> impl Iterator<Item = (usize, usize)> + use<'a> {
    let (mut own, mut other) = ((here.start, here.end), None);
    if here.is_implied {
        let after = text[here.end..].chars().next().filter(|c| is_hyphen(*c));
        let before = text[..here.start].chars().next_back().filter(|c| is_hyphen(*c));
        own = match (after, before) {
            (Some(hyphen), _) => (here.start, here.end + hyphen.len_utf8()),
            (None, Some(hyphen)) => (here.start - hyphen.len_utf8(), here.end),
            (None, None) => own,
        };
        other = other_half(words, here, after.is_some());
    }
    std::iter::once(own).chain(other)
}

/// The part of a neighbour that completes a suspended compound: behind it where its hyphen is, else before it.
fn other_half(words: &[Token], here: &Token, is_behind: bool) -> Option<(usize, usize)> {
    let stands = |word: &&Token| !word.is_implied;
    let own = words.iter().filter(stands).find(|word| (word.start, word.end) == (here.start, here.end))?;
    let is_own = |key: &str| own.word.lemmas().chain(own.word.components()).any(|known| known == key);
    let missing: Vec<&str> = here.word.components().filter(|key| !is_own(key)).collect();
    let part = |word: &Token| word.components().find(|(key, _)| missing.contains(key)).map(|(_, place)| place);
    if is_behind {
        let behind = words.iter().filter(stands).filter(|word| word.start >= here.end);
        behind.take(REACH).find_map(part)
    } else {
        let before = words.iter().rev().filter(stands).filter(|word| word.end <= here.start);
        before.take(REACH).find_map(part)
    }
}

/// The places that matches cover, in order, none touching another.
pub fn marks<'a>(matches: impl IntoIterator<Item = &'a Match>) -> Vec<(usize, usize)> {
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for found in matches {
        match marks.last_mut() {
            Some(last) if found.start <= last.1 => last.1 = last.1.max(found.end),
            _ => marks.push((found.start, found.end)),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::query::{Synonyms, parse};

    /// Sentences of the seed pages, and what is read in its own way.
    fn sentences() -> Vec<String> {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");
        let mut names: Vec<_> = std::fs::read_dir(seeds).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let texts = names.iter().filter_map(|name| std::fs::read_to_string(name).ok());
        let mut sentences: Vec<String> =
            texts.flat_map(|text| text.split(['.', '\n']).map(str::to_string).collect::<Vec<_>>()).collect();
        sentences.retain(|sentence| sentence.len() > 20);
        sentences.truncate(4000);
        for other in [
            "støtte- og veiledningsressurser",
            "Barne-, ungdoms- og familiedirektoratet",
            "samarbeidskultur og -praksis",
            "kommune- og skolebøker for born",
            "tau\u{ad}shets\u{ad}plikten og barne\u{ad}vernet",
            "Elevane skal få vita kva skulen gjer, og sjukehusa har teieplikt etter opplæringslova",
            "0–24-samarbeidet fra 19.02.2018 til 10. november 2020, 75 % og § 33",
            "e-tenester, pc'en, USA's og EU-debatten om vekene",
            "Haakon, oekonomi, kafeen, smör og läkare",
        ] {
            sentences.extend(std::iter::repeat_n(other.to_string(), 100));
        }
        sentences
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

        #[test]
        fn the_words_that_may_match_are_found_as_among_all(
            chosen in proptest::collection::vec(any::<Index>(), 1..5),
            words in proptest::collection::vec((any::<Index>(), any::<Index>()), 1..4),
            shape in select(&["{}", "\"{}\"", "\"{}\"~4", "=\"{}\"", "{}*", "{}~"][..]),
            hyphen in any::<Index>(),
            standard in select(&[Standard::Bokmal, Standard::Nynorsk, Standard::Both][..]),
        ) {
            thread_local!(static SENTENCES: Vec<String> = sentences());
            let (mut text, words) = SENTENCES.with(|sentences| {
                let text = chosen.iter().map(|one| sentences[one.index(sentences.len())].as_str()).collect::<Vec<_>>().join(". ");
                let word = |from: &str, word: &Index| {
                    let words: Vec<&str> = from.split_whitespace().collect();
                    if words.is_empty() { "og".to_string() } else { words[word.index(words.len())].to_string() }
                };
                // Half of the words stand in the text, most others don't.
                let words = words.iter().enumerate().map(|(number, (sentence, one))| {
                    word(if number % 2 == 0 { &text } else { &sentences[sentence.index(sentences.len())] }, one)
                });
                let words: Vec<String> = words.collect();
                (text, words.join(" "))
            });
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            text.insert(places[hyphen.index(places.len())], '\u{ad}');
            let mut query = parse(&shape.replace("{}", &words), &Synonyms::builtin());
            for pattern in &mut query.patterns {
                pattern.expansions = Some(vec!["barn".to_string(), "barna".to_string(), pattern.text.clone()]);
            }
            let all = norwegian::analyze(&text, standard);
            let expected = find_among(&all, &text, &query);
            prop_assert_eq!(Highlighter::of(&query).find(&text, standard), expected, "{:?} in {:?}", query.text, text);
        }
    }
}
