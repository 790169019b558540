//! Extracts the content of an HTML page: drops blocks step by step, by markup, link density and prose.
//!
//! Each step drops one kind of block: hidden elements, elements marked as menus and the like, blocks outside the
//! element with the content, lists of links, lists of other pages. Each step has a guard that keeps it from dropping
//! too much: an element with most of the page's prose is not a menu, no matter what it is named.
//!
//! If most words of a page are prose, lists of links lead to other pages. If not (a list of forms, services or
//! products), the lists are the purpose of the page, and are kept.
//!
//! Thresholds were chosen on 181 articles and 70 pages of four portals with labeled content, by the F1 of their words
//! (macro-averaged over pages), changing one threshold at a time. In "F1 .944/.968", the first figure is for the
//! articles, the second for the portals. Most thresholds are on a plateau; for those that affect recall, the value at
//! the cautious end of the plateau was chosen. Thresholds without a figure were not measured one by one.

use std::collections::HashMap;

use super::elements::heading_level;
use super::extraction::{Counts, Extraction, LITTLE_PROSE, MIN_THREAD_SHARE, Outside, ratio};
use super::related;
use super::threads::drop_post_details;
use super::tree::{Element, Tree};
use crate::clean::text::{is_prose, is_statement};
use crate::model::OutsideReason;

/// Returns, for each block of the page, why it is not content; `None` if it is.
pub fn outside_reasons(tree: &Tree) -> Vec<Outside> {
    let mut page = Extraction::new(tree);
    find_notices(&mut page);
    related::drop_non_text(&mut page);
    let mentions_browsing = elements_that_mention_browsing(&page);
    drop_hidden(&mut page, &mentions_browsing);
    drop_by_hints(&mut page, &mentions_browsing);
    keep_main(&mut page);
    classify_page(&mut page);
    drop_link_lists(&mut page);
    keep_container(&mut page);
    keep_article_body(&mut page);
    drop_above_title(&mut page);
    related::drop_cards(&mut page);
    related::drop_sections(&mut page);
    related::drop_read_more_links(&mut page);
    related::drop_endings(&mut page);
    related::drop_repeated_alt_texts(&mut page);
    related::drop_repetitions(&mut page);
    related::drop_copies(&mut page);
    drop_post_details(&mut page);
    page.outside
}

/// An element with more than this share of the prose is kept despite its hints. F1 at .25: .941/.968, .4:
/// .943/.968, .6: .944/.968, .7: as .6.
const MAX_OUTSIDE_SHARE: f64 = 0.6;
/// The same limit for elements whose markup is rarely wrong (`<nav>`, buttons), and for the comments below an article,
/// which may be longer than the article.
const MAX_SURE_OUTSIDE_SHARE: f64 = 0.9;
/// An element with more words of prose is not a row of buttons.
const MAX_BUTTON_WORDS: usize = 8;
/// A box belongs to the text if it has prose, at least this many words outside links, and less than this share of its
/// characters in links. This and the rules added at the same time raised the mean F1 of fifteen pages
/// modeled on common templates from .868 to .961.
const MIN_BOX_WORDS: usize = 16;
const MAX_BOX_LINK_DENSITY: f64 = 0.2;
/// A form with this many words of prose explains its subject. This and the rules added at the same time raised recall
/// on the articles from .992 to .993 at the same F1 (.957). The share of pages that lose more than a fifth of their
/// words fell from .006 to 0.
const MIN_FORM_PROSE: usize = 60;
/// Customer reviews with fewer words in total are content: a few reviews are part of the description of a product.
const MIN_REVIEWS_WORDS: usize = 100;
/// The minimum number of comments that make up a thread.
const MIN_POSTS: usize = 3;
/// The maximum number of elements from a label to the list item around it, and the minimum mean number of words per
/// label of a checklist. Not measured: few labeled pages have such lists.
const MAX_LABEL_DEPTH: usize = 3;
const MIN_CHECKLIST_WORDS: usize = 3;
/// The share of the prose that the main part must contain. The first limit is for a part marked as main by its element
/// or role, the second for a part marked only by a class. F1 with the second limit at .5: .943/.971, .7: .944/.972,
/// .85: .943/.968; if classes are ignored: .940/.960.
const MIN_MAIN_SHARE: f64 = 0.6;
const MIN_NAMED_MAIN_SHARE: f64 = 0.7;
/// A page is prose if at least this share of its words is prose.
const MIN_PROSE_SHARE: f64 = 0.5;
/// A page that states that it is an article counts as one if it has at least this many words or this share of prose.
const MIN_ARTICLE_PROSE: usize = 100;
const MIN_ARTICLE_PROSE_SHARE: f64 = 0.25;
/// An element with a higher link density is a list of links. The first limit is for news, the second for other pages.
/// F1 at .4: .944/.971, .5: .944/.969, .7: .943/.968.
const NEWS_LINK_DENSITY: f64 = 0.4;
const LINK_DENSITY: f64 = 0.5;
/// A list with at least this share of the page's characters is the purpose of the page. The first limit is for news,
/// the second for other pages.
const NEWS_LIST_SHARE: f64 = 0.5;
const LIST_SHARE: f64 = 0.3;
/// Menus have fewer words per link than lists of pages, forms or products.
const MIN_LIST_LINK_WORDS: f64 = 3.0;
/// Links that have at least this many words on average contain descriptions.
const MIN_DESCRIBED_LINK_WORDS: f64 = 8.0;
/// The share of the words outside links that the container of the content must have: in articles, and on other pages.
/// F1 of articles at 0: .923 (.039 of them lose more than a fifth of their words), .3: .943, .5: .943, .8: .943; of
/// other pages at 0: .946, .5: .946, .65: .949, .9: .944.
const MIN_ARTICLE_CONTAINER_SHARE: f64 = 0.5;
const MIN_CONTAINER_SHARE: f64 = 0.65;
/// The share of an article's prose that its body contains. F1 at .6: .944/.972 (.017 lose more than a fifth), .75:
/// .945/.972, .9: .944/.972, without the step: .944/.972.
const MIN_BODY_SHARE: f64 = 0.75;
/// The share of an article's words outside links that its body contains: facts, ingredients and headings next to the
/// prose belong to the text. Recall of recipes at 0: .967, .7: .981, .8: .984, .9: .984; F1 of the articles at 0 to
/// .8: .956, .9: .955.
const MIN_BODY_WORDS: f64 = 0.8;
/// If at most this share of the prose is above the title, it belongs to the site. The first limit is for a title that
/// the page states, the second for any other. F1 with the first limit at .3: .943, .7: .946, .9: .946.
const MAX_PROSE_ABOVE_STATED_TITLE: f64 = 0.7;
const MAX_PROSE_ABOVE_TITLE: f64 = 0.3;

/// Finds the notices to keep: sentences such as "Tjenesten er stengt 24. desember.", but not those about cookies,
/// consent or browsers.
fn find_notices(page: &mut Extraction) {
    let inherited = page.inherit(|element| page.tree.elements[element].hint.is_notice.then_some(()));
    for (index, block) in page.blocks.iter().enumerate() {
        let text = &block.line.text;
        let is_sentence = is_prose(text) || is_statement(text);
        page.in_notice[index] = inherited[block.element].is_some();
        page.is_kept_notice[index] = page.in_notice[index]
            && is_sentence
            && page.counts[index].link_density() < LINK_DENSITY
            && !is_about_browsing(text);
    }
}

/// Whether a notice is about cookies, consent or browsers. Sites show such notices on all of their pages.
fn is_about_browsing(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "cookie",
        "informasjonskaps",
        "personvern",
        "privacy",
        "samtykke",
        "consent",
        "nettleser",
        "nettlesar",
        "browser",
        "javascript",
    ];
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Returns for each element whether a block directly in it is about cookies, consent or browsers.
fn elements_that_mention_browsing(page: &Extraction) -> Vec<bool> {
    let mut mentions = vec![false; page.tree.elements.len()];
    for block in page.blocks {
        mentions[block.element] |= is_about_browsing(&block.line.text);
    }
    mentions
}

/// Drops hidden elements, except one with most of the prose: a script will show it or, if it is a `<noscript>`, it
/// contains what a script would show.
fn drop_hidden(page: &mut Extraction, mentions_browsing: &[bool]) {
    let counts = page.counts_by_element();
    let has_most_prose = |element: usize| counts[element].prose * 2 > counts[0].prose;
    let in_text = page.inherit(|element| is_text_element(page, element).then_some(()));
    // A menu that a button opens.
    let is_closed_menu = |element: usize| {
        let own = &counts[element];
        let is_menu = own.links >= 2 && own.link_density() > LINK_DENSITY;
        page.tree.elements[element].hint.is_closed && in_text[element].is_none() && is_menu
    };
    let reason = |element: usize| {
        let Some(reason) = page.tree.elements[element].hint.outside else {
            return is_closed_menu(element).then_some(OutsideReason::Menu);
        };
        let is_dropped = match reason {
            OutsideReason::Hidden => !has_most_prose(element),
            // A short text may be all that a frameset shows. "Your browser doesn't support frames" is not such a text.
            OutsideReason::NoScript if counts[element].words == counts[0].words => {
                mentions_browsing[element] && counts[element].prose < MIN_FORM_PROSE
            }
            OutsideReason::NoScript => !has_most_prose(element) || counts[element].prose < MIN_FORM_PROSE,
            OutsideReason::FormField => true,
            _ => false,
        };
        is_dropped.then_some(reason)
    };
    let reasons: Vec<Outside> = (0..counts.len()).map(reason).collect();
    page.drop_elements(&reasons);
}

/// Whether an element is marked as the main part or as an article, by its element name or role.
fn is_text_element(page: &Extraction, element: usize) -> bool {
    is_marked_main(page, element) || &*page.tree.elements[element].name == "article"
}

fn is_marked_main(page: &Extraction, element: usize) -> bool {
    let hint = &page.tree.elements[element].hint;
    hint.is_main && !hint.is_by_name
}

/// Drops elements that are not content according to their hints.
fn drop_by_hints(page: &mut Extraction, mentions_browsing: &[bool]) {
    let counts = page.counts_by_element();
    let by_reason = outermost_counts_by_reason(page, &counts);
    let in_main = page.inherit(|element| is_marked_main(page, element).then_some(()));
    let in_text = page.inherit(|element| is_text_element(page, element).then_some(()));
    let contains_main = contains(page, |element| is_marked_main(page, element));
    let contains_form = contains(page, |element| {
        let outside = page.tree.elements[element].hint.outside;
        matches!(outside, Some(OutsideReason::Form | OutsideReason::SignUp | OutsideReason::CookieNotice))
    });
    let mentions_browsing = contains(page, |element| mentions_browsing[element]);
    let is_about_browsing = stated_title_is_about_browsing(page);
    let between = elements_between_paragraphs(page);
    let is_checklist = labels_are_checklist(page, &counts);
    let comments = by_reason.get(&OutsideReason::Comments);
    // Comments that make up most of the page are the posts of a thread, even if the markup doesn't say so.
    page.is_thread |= !page.tree.stated.is_article()
        && !page.tree.stated.is_product
        && comments.is_some_and(|comments| {
            comments.elements >= MIN_POSTS && comments.sum.share_of(&counts[0]) > MIN_THREAD_SHARE
        });
    let is_thread = page.is_thread;
    let in_comment = page
        .inherit(|element| (page.tree.elements[element].hint.outside == Some(OutsideReason::Comments)).then_some(()));
    let stated = &page.tree.stated;
    let sum_by_reason = |reason: OutsideReason| by_reason.get(&reason).map(|outermost| &outermost.sum);
    let keeps_reviews = reviews_are_content(page, &counts[0], sum_by_reason(OutsideReason::Reviews));
    let mut reasons: Vec<Outside> = (0..counts.len())
        .map(|element| {
            let hint = &page.tree.elements[element].hint;
            let reason = hint.outside.filter(|reason| *reason != OutsideReason::NoScript)?;
            let own = &counts[element];
            let same_reason = sum_by_reason(reason).filter(|_| hint.is_by_name && !stated.is_article());
            let share = same_reason.unwrap_or(own).share_of(&counts[0]);
            let is_content = match reason {
                OutsideReason::Nav | OutsideReason::Button | OutsideReason::Footer | OutsideReason::ContentInfo => {
                    share > MAX_SURE_OUTSIDE_SHARE
                }
                OutsideReason::Comments if is_thread || stated.is_product => true,
                // If promotions make up a large part of the page, they are what it is about: the services of a company.
                OutsideReason::Promotion
                    if same_reason.is_some_and(|sum| ratio(sum.chars, counts[0].chars) > LIST_SHARE) =>
                {
                    true
                }
                OutsideReason::PostDetails => share > MAX_OUTSIDE_SHARE,
                OutsideReason::Reviews => keeps_reviews || own.has_title,
                // A box between the paragraphs of a text belongs to the text.
                OutsideReason::Aside | OutsideReason::Complementary
                    if between[element] && !stated.is_news() && !is_thread && own.link_density() < LINK_DENSITY =>
                {
                    true
                }
                // The details of a product, or more about the subject, in a dialog that a button opens.
                OutsideReason::Dialog
                    if in_main[element].is_some()
                        && (own.prose >= LITTLE_PROSE
                            || hint.is_closed && own.prose > 0 && !mentions_browsing[element])
                        && own.link_density() < MAX_BOX_LINK_DENSITY
                        && !contains_form[element] =>
                {
                    true
                }
                OutsideReason::Label => is_checklist[element] || own.prose > MAX_BUTTON_WORDS,
                // A "read more" button shows the rest of a text.
                OutsideReason::Related if hint.is_by_name && own.links == 0 && own.prose > 0 => true,
                // A class such as `menu` may mark the menu of a restaurant.
                OutsideReason::Navigation
                    if hint.is_by_name && own.links == 0 && in_text[element].is_some() && own.words > MIN_BOX_WORDS =>
                {
                    true
                }
                // A menu whose entries open texts on the page.
                OutsideReason::Navigation
                    if hint.is_by_name && own.prose >= MIN_FORM_PROSE && own.link_density() < MAX_BOX_LINK_DENSITY =>
                {
                    true
                }
                // A menu may be longer than the text.
                OutsideReason::Navigation
                    if hint.is_by_name
                        && own.link_density() > LINK_DENSITY
                        && own.prose == 0
                        && counts[0].own_words - own.own_words >= MIN_FORM_PROSE =>
                {
                    false
                }
                // The text of a post, in a form for editing it.
                OutsideReason::Form
                    if is_thread && in_comment[element].is_some() && own.link_density() < LINK_DENSITY =>
                {
                    true
                }
                // A notice may be longer than the text. If the element contains the main part, its name describes the
                // page, not a notice.
                OutsideReason::CookieNotice if !is_about_browsing => {
                    contains_main[element] || !contains_main[0] && own.has_title && share > MAX_OUTSIDE_SHARE
                }
                OutsideReason::Comments if stated.is_article() => share > MAX_SURE_OUTSIDE_SHARE,
                OutsideReason::Comments => share > MIN_THREAD_SHARE || own.has_title,
                // The page may list the services of the site.
                OutsideReason::Promotion if in_main[element].is_some() && !stated.is_news() => true,
                OutsideReason::Sharing
                | OutsideReason::AuthorDetails
                | OutsideReason::Advertisement
                | OutsideReason::Promotion
                    if hint.is_by_name =>
                {
                    share > MAX_OUTSIDE_SHARE || own.prose > MAX_BUTTON_WORDS && own.link_density() < LINK_DENSITY
                }
                // A box with an address, opening hours or facts.
                OutsideReason::Aside | OutsideReason::Complementary
                    if !hint.is_by_name && in_main[element].is_some() && !stated.is_news() && !is_thread =>
                {
                    own.link_density() < LINK_DENSITY
                }
                // A box of facts in the text.
                OutsideReason::Aside | OutsideReason::Complementary
                    if in_text[element].is_some()
                        && !is_thread
                        && own.prose > 0
                        && own.own_words >= MIN_BOX_WORDS
                        && own.link_density() < MAX_BOX_LINK_DENSITY =>
                {
                    true
                }
                OutsideReason::Form if !hint.is_by_name && !stated.is_news() && own.prose >= MIN_FORM_PROSE => true,
                OutsideReason::Dialog | OutsideReason::AlertDialog | OutsideReason::CookieNotice => {
                    share > MAX_OUTSIDE_SHARE
                }
                _ => share > MAX_OUTSIDE_SHARE || own.has_title,
            };
            (!is_content).then_some(reason)
        })
        .collect();
    keep_parts(page, &counts, &mut reasons);
    page.drop_elements(&reasons);
}

/// Removes the reasons of elements whose names only repeat the hint of an element around them that is content: the
/// parts of a block carry its name (`modal__text` in `modal`), and so do comments inside comments. Each part alone may
/// be too short to be recognized as content.
///
/// F1 of 351 mixed pages without this: .854 (.108 lose more than a fifth of their words), with it: .857 (.103).
fn keep_parts(page: &Extraction, counts: &[Counts], reasons: &mut [Outside]) {
    let bit = |reason: OutsideReason| 1u64 << reason as u32;
    // For each element, the hints that it or an element around it has although it is content.
    let mut overruled = vec![0; counts.len()];
    for element in 1..counts.len() {
        let Element { parent, hint, .. } = &page.tree.elements[element];
        overruled[element] = overruled[*parent];
        let Some(reason) = hint.outside.filter(|_| hint.is_by_name) else {
            continue;
        };
        if overruled[element] & bit(reason) != 0 {
            reasons[element] = None;
        } else if reasons[element].is_none() && counts[element].prose >= LITTLE_PROSE {
            overruled[element] |= bit(reason);
        }
    }
}

/// Returns for each element whether it is of the given kind or contains such an element.
fn contains(page: &Extraction, is_kind: impl Fn(usize) -> bool) -> Vec<bool> {
    let elements = &page.tree.elements;
    let mut contains: Vec<bool> = (0..elements.len()).map(is_kind).collect();
    for element in (1..contains.len()).rev() {
        let inside = contains[element];
        contains[elements[element].parent] |= inside;
    }
    contains
}

/// Whether customer reviews are content: if they are short, if the page is an article, a thread or a page about
/// reviews, or if it has hardly any other text.
fn reviews_are_content(page: &Extraction, all: &Counts, reviews: Option<&Counts>) -> bool {
    const WORDS: [&str; 7] = ["review", "testimonial", "anmeld", "omtale", "omtalar", "erfaringer", "kundene"];
    let stated = &page.tree.stated;
    let title = stated.page_title().unwrap_or_default().to_lowercase();
    let own_words = reviews.map_or(0, |reviews| reviews.own_words);
    own_words < MIN_REVIEWS_WORDS
        || page.is_thread
        || stated.is_article()
        || WORDS.iter().any(|word| title.contains(word))
        || all.own_words - own_words < LITTLE_PROSE
}

fn stated_title_is_about_browsing(page: &Extraction) -> bool {
    page.tree.stated.page_title().is_some_and(|title| is_about_browsing(&title))
}

/// Returns for each element whether there are paragraphs of prose before and after it in the same element.
fn elements_between_paragraphs(page: &Extraction) -> Vec<bool> {
    let elements = &page.tree.elements;
    // The first and the last block with prose that is directly in a child of an element.
    let mut prose = vec![(usize::MAX, 0); elements.len()];
    // The first and the last block in an element.
    let mut ranges = vec![(usize::MAX, 0); elements.len()];
    for (index, block) in page.blocks.iter().enumerate() {
        let extend = |(first, last): (usize, usize)| (first.min(index), last.max(index));
        ranges[block.element] = extend(ranges[block.element]);
        if page.counts[index].prose > 0 && elements[block.element].hint.outside.is_none() {
            let parent = elements[block.element].parent;
            prose[parent] = extend(prose[parent]);
        }
    }
    for element in (1..elements.len()).rev() {
        let ((first, last), parent) = (ranges[element], elements[element].parent);
        ranges[parent] = (ranges[parent].0.min(first), ranges[parent].1.max(last));
    }
    let is_between = |element: usize| {
        let ((first, last), (first_prose, last_prose)) = (ranges[element], prose[elements[element].parent]);
        first_prose < first && last < last_prose
    };
    (0..elements.len()).map(is_between).collect()
}

/// Returns for each element whether it is a label in a list that consists of labels, such as ingredients or steps with
/// check boxes. The labels of filters are shorter.
fn labels_are_checklist(page: &Extraction, counts: &[Counts]) -> Vec<bool> {
    let elements = &page.tree.elements;
    let list_of = |element: usize| {
        let mut around = elements[element].parent;
        for _ in 0..MAX_LABEL_DEPTH {
            if matches!(&*elements[around].name, "li" | "tr" | "dd") {
                return Some(elements[around].parent);
            }
            around = elements[around].parent;
        }
        None
    };
    let labels = || (0..elements.len()).filter(|element| elements[*element].hint.outside == Some(OutsideReason::Label));
    let mut by_list: HashMap<usize, (usize, usize)> = HashMap::new();
    for label in labels() {
        if let Some(list) = list_of(label).filter(|_| counts[label].words > 0) {
            let (labels, words) = by_list.entry(list).or_default();
            *labels += 1;
            *words += counts[label].words;
        }
    }
    let mut is_checklist = vec![false; elements.len()];
    for label in labels() {
        let of_list = list_of(label).and_then(|list| by_list.get(&list));
        is_checklist[label] = of_list.is_some_and(|(labels, words)| *words >= MIN_CHECKLIST_WORDS * labels);
    }
    is_checklist
}

/// Returns, for each reason, the sum of the counts of the outermost elements with that hint. A single element proves
/// little: a forum marks each post as a comment, and a list may mark each item as related or promoted.
fn outermost_counts_by_reason(page: &Extraction, counts: &[Counts]) -> HashMap<OutsideReason, Outermost> {
    let hint = |element: usize| page.tree.elements[element].hint.outside;
    let inherited = page.inherit(hint);
    let mut by_reason: HashMap<OutsideReason, Vec<&Counts>> = HashMap::new();
    for element in 1..counts.len() {
        if inherited[page.tree.elements[element].parent].is_none()
            && let Some(reason) = hint(element)
        {
            by_reason.entry(reason).or_default().push(&counts[element]);
        }
    }
    let outermost = |counts: Vec<&Counts>| Outermost { elements: counts.len(), sum: Counts::sum(counts.into_iter()) };
    by_reason.into_iter().map(|(reason, counts)| (reason, outermost(counts))).collect()
}

/// The outermost elements with a hint.
struct Outermost {
    elements: usize,
    sum: Counts,
}

/// Keeps only the innermost element that is marked as the main part and contains enough of the page.
fn keep_main(page: &mut Extraction) {
    let counts = page.counts_by_element();
    let is_main = |element: usize| {
        let hint = &page.tree.elements[element].hint;
        let min_share = match hint.is_by_name {
            // On the page of a product, one of several tabs may have such a name.
            true if page.tree.stated.is_product => MAX_SURE_OUTSIDE_SHARE,
            true => MIN_NAMED_MAIN_SHARE,
            false => MIN_MAIN_SHARE,
        };
        hint.is_main && counts[element].chars > 0 && counts[element].share_of(&counts[0]) > min_share
    };
    if let Some(main) = (0..counts.len()).rev().find(|element| is_main(*element)) {
        page.has_main = true;
        page.keep_only(main);
    }
}

/// Determines whether the page is prose, and whether it is an article.
fn classify_page(page: &mut Extraction) {
    let all = page.total_counts();
    let prose_share = ratio(all.prose, all.words);
    page.is_prose = prose_share >= MIN_PROSE_SHARE;
    let has_article_prose = all.prose >= MIN_ARTICLE_PROSE || prose_share >= MIN_ARTICLE_PROSE_SHARE;
    page.is_article = page.tree.stated.is_article() && has_article_prose;
}

/// Drops lists of links, unless they are the purpose of the page.
fn drop_link_lists(page: &mut Extraction) {
    let counts = page.counts_by_element();
    let is_news = page.is_article && page.tree.stated.is_news();
    let (link_density, list_share) =
        if is_news { (NEWS_LINK_DENSITY, NEWS_LIST_SHARE) } else { (LINK_DENSITY, LIST_SHARE) };
    let is_text = page.is_prose || page.is_article;
    if !is_text && page.has_main {
        return;
    }
    // Lists in `<main>` belong to the text if their links have several words.
    let keeps_lists = page.has_main && !is_news;
    let reason = |element: usize| {
        let own = &counts[element];
        let name = &*page.tree.elements[element].name;
        let is_inside_text = heading_level(name).is_some() || matches!(name, "p" | "li" | "tr");
        let is_list = own.links >= 2
            && own.link_density() > link_density
            && ratio(own.chars, counts[0].chars) < list_share
            && !own.has_title
            && !is_inside_text;
        let is_menu = ratio(own.words - own.own_words, own.links) < MIN_LIST_LINK_WORDS;
        // Links that each have a description are not a menu.
        let is_described = !is_news && ratio(own.words - own.own_words, own.links) >= MIN_DESCRIBED_LINK_WORDS;
        (is_list && !is_described && (is_text && !keeps_lists || is_menu)).then_some(OutsideReason::LinkList)
    };
    let reasons: Vec<Outside> = (0..counts.len()).map(reason).collect();
    // Lists that together make up a large share of the main part, or of a page that is not an article, are not menus.
    // F1 of 28 listings if this applies to the main part only: .753 (.250 lose more than a fifth of their words), if it
    // applies to all pages that are not articles: .780 (.179).
    let inherited = page.inherit(|element| reasons[element]);
    let is_listed = |block: &usize| page.is_kept(*block) && inherited[page.blocks[*block].element].is_some();
    let listed_chars: usize = (0..page.blocks.len()).filter(is_listed).map(|block| page.blocks[block].chars).sum();
    if page.is_article && (is_news || !page.has_main) || ratio(listed_chars, counts[0].chars) < LIST_SHARE {
        page.drop_elements(&reasons);
    }
}

/// Keeps only the element with the highest container score.
fn keep_container(page: &mut Extraction) {
    let counts = page.counts_by_element();
    let mut best = 0;
    for (element, own) in counts.iter().enumerate() {
        if own.container_score >= counts[best].container_score && can_be_container(page, element) {
            best = element;
        }
    }
    let min_share = match page.is_article {
        true => MIN_ARTICLE_CONTAINER_SHARE,
        // The content may be in tabs: description, facts, reviews.
        false if page.tree.stated.is_product => MAX_SURE_OUTSIDE_SHARE,
        false => MIN_CONTAINER_SHARE,
    };
    let keeps_text = ratio(counts[best].own_words, counts[0].own_words) >= min_share;
    let keeps_lists = page.is_prose || page.is_article || ratio(counts[best].words, counts[0].words) >= min_share;
    if keeps_text && keeps_lists {
        page.keep_only(best);
    }
}

/// Whether an element can contain the content. Paragraphs and the like can't: a long paragraph among short ones would
/// be mistaken for the container.
fn can_be_container(page: &Extraction, element: usize) -> bool {
    let name = &*page.tree.elements[element].name;
    let is_text = matches!(name, "p" | "li" | "tr" | "dt" | "dd" | "pre" | "blockquote" | "figure" | "figcaption");
    !is_text && heading_level(name).is_none()
}

/// Keeps only the innermost element around the paragraphs of an article.
fn keep_article_body(page: &mut Extraction) {
    if !page.is_article {
        return;
    }
    let counts = page.counts_by_element();
    let is_body = |element: &usize| {
        let own = &counts[*element];
        own.prose as f64 >= MIN_BODY_SHARE * counts[0].prose as f64
            && own.own_words as f64 >= MIN_BODY_WORDS * counts[0].own_words as f64
            && can_be_container(page, *element)
    };
    if counts[0].prose >= LITTLE_PROSE
        && let Some(body) = (1..counts.len()).rev().find(is_body)
    {
        page.keep_only(body);
    }
}

/// Drops what is above the title and belongs to the site: all blocks if the page is an article or states its title,
/// otherwise only links.
fn drop_above_title(page: &mut Extraction) {
    let Some((title, is_stated)) = page.title() else {
        return;
    };
    let (above, all) = (page.kept_counts(0..title), page.total_counts());
    let max_share = if is_stated { MAX_PROSE_ABOVE_STATED_TITLE } else { MAX_PROSE_ABOVE_TITLE };
    let is_site = (page.is_article || is_stated) && above.prose as f64 <= max_share * all.prose as f64;
    let is_menu = ratio(above.chars, all.chars) < 0.5;
    for block in 0..title {
        let is_link = page.counts[block].link_density() > LINK_DENSITY;
        if is_site || is_menu && is_link {
            page.drop(block, OutsideReason::OutsideMain);
        }
    }
}
