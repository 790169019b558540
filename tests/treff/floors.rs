//! Regression tests for the quality of the Norwegian analysis on the words in `tests/words/`. Each floor is 0.02 below
//! the measured value.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use treff::norwegian::{Standard, head_offset, lemma_keys};

use crate::repository;

/// The lines of a file, without comments.
fn lines(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("tests/words").join(name)).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(String::from).collect()
}

/// Asserts that `right` divided by `total` is at least the floor; the message lists the errors.
#[track_caller]
fn check_floor(measure: &str, right: usize, total: usize, floor: f64, wrong: &[String]) {
    let share = right as f64 / total as f64;
    assert!(share >= floor, "{measure} is {share:.3}, which is below {floor}:\n{}", wrong.join("\n"));
}

/// The lowest precision and recall that pass.
struct Floors {
    precision: f64,
    recall: f64,
}

/// Two different forms should share a key exactly when they are forms of one lemma.
#[track_caller]
fn check_forms(name: &str, standard: Standard, floors: Floors) {
    let mut lemmas_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (number, line) in lines(name).iter().enumerate() {
        for form in line.split(' ') {
            lemmas_of.entry(form.to_string()).or_default().insert(number);
        }
    }
    let forms: Vec<&String> = lemmas_of.keys().collect();
    let keys: Vec<Vec<String>> = forms.iter().map(|form| lemma_keys(form, standard)).collect();
    let gold = pairs(lemmas_of.values().map(|numbers| numbers.iter().copied().collect()));
    let predicted = pairs(keys.iter().map(|keys| keys.iter().collect()));
    let right = gold.intersection(&predicted).count();
    let listed = |pairs: Vec<&(usize, usize)>| {
        let shown = |(one, other): &(usize, usize)| {
            format!("{} {} – {} {}", forms[*one], keys[*one].join("/"), forms[*other], keys[*other].join("/"))
        };
        let mut listed: Vec<String> = pairs.into_iter().map(shown).collect();
        listed.sort();
        listed
    };
    let together = listed(predicted.difference(&gold).collect());
    check_floor("the precision of forms", right, predicted.len(), floors.precision, &together);
    let apart = listed(gold.difference(&predicted).collect());
    check_floor("the recall of forms", right, gold.len(), floors.recall, &apart);
}

/// The pairs of words that share a key; `words` yields the keys of each.
fn pairs<Key: std::hash::Hash + Eq>(words: impl Iterator<Item = Vec<Key>>) -> HashSet<(usize, usize)> {
    let mut groups: HashMap<Key, Vec<usize>> = HashMap::new();
    for (word, keys) in words.enumerate() {
        for key in keys {
            groups.entry(key).or_default().push(word);
        }
    }
    let pairs_in_group = |group: &Vec<usize>| {
        let others = |index: usize| group[index + 1..].iter().map(move |other| (group[index], *other));
        (0..group.len()).flat_map(others).filter(|(one, other)| one != other).collect::<Vec<_>>()
    };
    groups.values().flat_map(pairs_in_group).collect()
}

/// Compounds should be split before their head. Of the other words, at most a share of `max_split` should be split.
#[track_caller]
fn check_compounds(name: &str, standard: Standard, floors: Floors, max_split: f64) {
    let shown = |word: &str, head: Option<usize>| match head {
        Some(at) => format!("{}*{}", &word[..at], &word[at..]),
        None => word.to_string(),
    };
    let (mut compounds, mut predicted_splits, mut right, mut simplex) = (0, 0, 0, 0);
    let (mut wrong, mut split) = (Vec::new(), Vec::new());
    for marked in lines(name).iter().flat_map(|line| line.split(' ')) {
        let (word, gold) = (marked.replace(['*', '='], ""), marked.find('*'));
        let found = head_offset(&word, standard);
        let describe_error = || format!("{} for {}", shown(&word, found), shown(&word, gold));
        predicted_splits += usize::from(found.is_some());
        match gold {
            Some(_) => {
                compounds += 1;
                if found == gold { right += 1 } else { wrong.push(describe_error()) }
            }
            None => {
                assert!(marked.starts_with('='), "{marked} is marked neither as a compound nor as a simplex");
                simplex += 1;
                if found.is_some() {
                    split.push(describe_error());
                }
            }
        }
    }
    let both: Vec<String> = wrong.iter().chain(&split).cloned().collect();
    check_floor("the precision of boundaries", right, predicted_splits, floors.precision, &both);
    check_floor("the recall of boundaries", right, compounds, floors.recall, &wrong);
    check_floor(
        "the share of simplex words that are not split",
        simplex - split.len(),
        simplex,
        1.0 - max_split,
        &split,
    );
}

#[test]
fn lemmas_of_bokmal_forms() {
    // Measured: precision 0.984, recall 0.997, F 0.991.
    check_forms("forms.nb.txt", Standard::Bokmal, Floors { precision: 0.964, recall: 0.977 });
}

#[test]
fn lemmas_of_nynorsk_forms() {
    // Measured: precision 0.995, recall 0.992, F 0.994.
    check_forms("forms.nn.txt", Standard::Nynorsk, Floors { precision: 0.975, recall: 0.972 });
}

#[test]
fn heads_of_bokmal_compounds() {
    // Measured: precision 0.982, recall 0.963, F 0.972; 0.016 of simplex words split.
    check_compounds("compounds.nb.txt", Standard::Bokmal, Floors { precision: 0.962, recall: 0.943 }, 0.036);
}

#[test]
fn heads_of_nynorsk_compounds() {
    // Measured: precision 0.978, recall 0.973, F 0.976; 0.027 of simplex words split.
    check_compounds("compounds.nn.txt", Standard::Nynorsk, Floors { precision: 0.958, recall: 0.953 }, 0.047);
}

#[test]
fn words_of_both_standards_share_lemma_keys() {
    let pairs = lines("pairs.txt");
    let mut apart = Vec::new();
    for pair in &pairs {
        let (bokmal, nynorsk) = pair.split_once('\t').unwrap();
        let (one, other) = (lemma_keys(bokmal, Standard::Bokmal), lemma_keys(nynorsk, Standard::Nynorsk));
        if !one.iter().any(|key| other.contains(key)) {
            apart.push(format!("{bokmal} {} – {nynorsk} {}", one.join("/"), other.join("/")));
        }
    }
    // Measured: 0.982.
    check_floor("the share of word pairs with a common key", pairs.len() - apart.len(), pairs.len(), 0.962, &apart);
}
