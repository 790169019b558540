//! Drops blocks that are not part of the page's own text: notices and credits, links to other pages (cards, sections,
//! "read more" links), invitations to subscribe, and repetitions.

use std::collections::{HashMap, VecDeque};

use super::extraction::{Extraction, LITTLE_PROSE, MIN_THREAD_SHARE};
use super::outside_phrases::{
    is_cookie_notice, is_escaped_tag, is_invitation, is_media_credit, is_sign_off, mentions_cookies, section_reason,
    starts_like_read_more,
};
use crate::model::{Markup, OutsideReason};

/// Fewer cards in a row may be the sections of a text whose headings are links.
const MIN_CARDS: usize = 3;
/// Maximum number of words outside links below a card's heading.
const MAX_CARD_WORDS: usize = 120;
/// If cards contain more than this share of the prose, they are the content of the page. Articles have a separate
/// limit: introducing it, together with some other rules, raised recall on 181 labeled articles from .992 to .993 and
/// left F1 at .957.
const MAX_ARTICLE_CARD_SHARE: f64 = 0.7;
const MAX_CARD_SHARE: f64 = 0.3;
/// A section with at least this share of the prose is the content of the page, regardless of its heading. Below an
/// article, the share must be larger, because lists of other pages may be longer than the article.
const SECTION_SHARE: f64 = 0.5;
const SECTION_SHARE_BELOW_ARTICLE: f64 = 0.9;
/// If less than this share of the characters in a list of references is link text, the list also describes the
/// references.
const MAX_REFERENCE_LINK_DENSITY: f64 = 0.5;
/// With at least this many words of prose outside its cards, or before a section, a page has its own text.
const MIN_PROSE_OUTSIDE: usize = 100;
/// Maximum number of words of a "read more" link, and of an invitation.
const MAX_READ_MORE_WORDS: usize = 30;
const MAX_INVITATION_WORDS: usize = 40;
/// Maximum number of elements around a heading that are searched for its section.
const MAX_SECTION_DEPTH: usize = 20;
/// Longer blocks are not compared with the alternative text of an image.
const MAX_ALT_COMPARED_BYTES: usize = 2000;
/// The number of blocks before and after a block that are compared with it.
const NEARBY_BLOCKS: usize = 6;
/// Only texts with this many words are checked for repetitions, such as a caption repeated in a gallery or the start of
/// a text repeated above it.
const REPEATED_WORDS: std::ops::RangeInclusive<usize> = 9..=80;

/// Drops blocks whose words alone show that they are not part of the page's text.
pub fn drop_non_text(page: &mut Extraction) {
    let stated = &page.tree.stated;
    let (site, title) = (stated.site_name().unwrap_or(""), stated.page_title().unwrap_or_default());
    // On a page about cookies or privacy, such text is content.
    let is_about_cookies =
        ["cookie", "informasjonskaps", "personvern", "privacy"].iter().any(|word| title.to_lowercase().contains(word));
    let is_same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    for index in 0..page.blocks.len() {
        let line = &page.blocks[index].line;
        let text = line.text.as_str();
        if is_escaped_tag(text) {
            page.drop(index, OutsideReason::EscapedMarkup);
        } else if line.markup != Markup::Row && is_media_credit(text) {
            page.drop(index, OutsideReason::MediaCredit);
        } else if line.markup == Markup::Heading(1) && is_same(site, text) && !is_same(&title, text) {
            page.drop(index, OutsideReason::Banner);
        } else if !is_about_cookies && (is_cookie_notice(text) || page.in_notice[index] && mentions_cookies(text)) {
            page.drop(index, OutsideReason::CookieNotice);
        }
    }
}

/// Drops the alternative text of an image if its caption or another nearby block says the same. In an article, the
/// alternative texts describe the pictures. On other pages they name products, logos and decorations, so all are
/// dropped unless there is hardly any other text.
pub fn drop_repeated_alt_texts(page: &mut Extraction) {
    let is_image = |block: &usize| page.is_kept(*block) && page.blocks[*block].is_image;
    let images: Vec<usize> = (0..page.blocks.len()).filter(is_image).collect();
    let image_words: usize = images.iter().map(|image| page.counts[*image].words).sum();
    if !page.is_article && page.total_counts().words - image_words >= LITTLE_PROSE {
        images.into_iter().for_each(|image| page.drop(image, OutsideReason::MediaCredit));
    }
    for index in 0..page.blocks.len() {
        let block = &page.blocks[index];
        if !block.is_image {
            continue;
        }
        let text = block.line.text.to_lowercase();
        let nearby = index.saturating_sub(NEARBY_BLOCKS)..(index + NEARBY_BLOCKS).min(page.blocks.len());
        let repeats_it = |other: usize| {
            let other = &page.blocks[other].line.text;
            other.len() <= MAX_ALT_COMPARED_BYTES && {
                let other = other.to_lowercase();
                other.contains(&text) || text.contains(&other) && other.len() * 2 > text.len()
            }
        };
        if nearby.into_iter().any(|other| other != index && repeats_it(other)) {
            page.drop(index, OutsideReason::Repeated);
        }
    }
}

/// Drops rows of cards: headings that link to other pages, with a few lines below each.
pub fn drop_cards(page: &mut Extraction) {
    // In the main part of a page that is not an article, cards are what the page is about: services, news, episodes.
    let are_content = page.has_main && !page.is_article && !page.tree.stated.is_product;
    if !page.is_prose && !page.is_article || page.is_thread || are_content {
        return;
    }
    let all_prose = page.total_counts().prose;
    let max_share = if page.is_article { MAX_ARTICLE_CARD_SHARE } else { MAX_CARD_SHARE };
    let kept: Vec<usize> = (0..page.blocks.len()).filter(|block| page.is_kept(*block)).collect();
    let mut start = 0;
    while start < kept.len() {
        let row = card_row(page, &kept[start..]);
        let is_minor = row.prose as f64 <= max_share * all_prose as f64
            && (page.is_article || all_prose - row.prose >= MIN_PROSE_OUTSIDE);
        if row.cards >= MIN_CARDS && is_minor && !continues_text(page, &kept, start) {
            kept[start..start + row.blocks].iter().for_each(|block| page.drop(*block, OutsideReason::Related));
        }
        start += row.blocks.max(1);
    }
}

/// Whether the block before a row of cards is a paragraph in the same element: the cards are the sections of a text,
/// and their headings link to more about them.
fn continues_text(page: &Extraction, kept: &[usize], start: usize) -> bool {
    let parent = |block: usize| page.tree.elements[page.blocks[block].element].parent;
    let heading = kept[start];
    start > 0 && {
        let before = kept[start - 1];
        page.counts[before].prose > 0 && parent(before) == parent(heading)
    }
}

/// Counts of a row of cards.
#[derive(Default)]
struct CardRow {
    cards: usize,
    blocks: usize,
    prose: usize,
}

/// The row of cards at the start of `blocks`.
fn card_row(page: &Extraction, blocks: &[usize]) -> CardRow {
    let parent = |block: usize| page.tree.elements[page.blocks[block].element].parent;
    let is_card_heading = |index: usize| {
        let block = &page.blocks[index];
        matches!(block.line.markup, Markup::Heading(level) if level > 1) && block.link_chars * 10 > block.chars * 9
    };
    let mut row = CardRow::default();
    while blocks.get(row.blocks).is_some_and(|block| is_card_heading(*block)) {
        let card = parent(blocks[row.blocks]);
        row.cards += 1;
        row.blocks += 1;
        let mut words = 0;
        while let Some(block) = blocks.get(row.blocks).copied()
            && !matches!(page.blocks[block].line.markup, Markup::Heading(_))
            && parent(block) >= card
            && words + page.counts[block].own_words <= MAX_CARD_WORDS
        {
            words += page.counts[block].own_words;
            row.prose += page.counts[block].prose;
            row.blocks += 1;
        }
    }
    row
}

/// Drops sections with a heading such as "Related pages" or "Comments". A section extends to the next heading of the
/// same or a higher level, or to the end of the element that contains both the heading and the section.
pub fn drop_sections(page: &mut Extraction) {
    let is_text = page.is_prose || page.is_article;
    let all = page.total_counts();
    let last_descendants = last_descendants(page);
    let mut prose_before = 0;
    let mut start = 0;
    while start < page.blocks.len() {
        let Some(reason) = reason_of_section(page, start) else {
            prose_before += if page.is_kept(start) { page.counts[start].prose } else { 0 };
            start += 1;
            continue;
        };
        let end = section_end(page, start, &last_descendants);
        let with_heading = page.kept_counts(start..end);
        // References with descriptions are content.
        let is_described = is_see_also(&page.blocks[start].line.text)
            && !page.tree.stated.is_news()
            && with_heading.link_density() < MAX_REFERENCE_LINK_DENSITY;
        let share_limit = match reason {
            _ if page.is_article && prose_before >= MIN_PROSE_OUTSIDE => SECTION_SHARE_BELOW_ARTICLE,
            OutsideReason::Comments => MIN_THREAD_SHARE,
            _ => SECTION_SHARE,
        };
        // On a page of lists, only a short list of links can be about other pages.
        let section = page.kept_counts(start + 1..end);
        let is_minor = if is_text {
            (with_heading.prose as f64) < share_limit * all.prose as f64
        } else {
            section.links >= 2
                && reason != OutsideReason::Comments
                && (section.words as f64) < share_limit * all.words as f64
        };
        if end > start + 1 && !is_described && is_minor && prose_before > 0 {
            (start..end).for_each(|block| page.drop(block, reason));
        } else {
            prose_before += with_heading.prose;
        }
        start = end;
    }
}

/// "Se også": a heading above references, which may belong to the text.
fn is_see_also(heading: &str) -> bool {
    let heading = heading.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    matches!(heading.as_str(), "se også" | "sjå også" | "see also")
}

/// The reason to drop the section that starts with a block, if the block is a heading above other pages or comments.
/// Such a heading is recognized by its words or, if it has already been dropped, by its HTML class or id.
fn reason_of_section(page: &Extraction, index: usize) -> Option<OutsideReason> {
    let block = &page.blocks[index];
    if page.is_kept(index) {
        return section_reason(&block.line.text).filter(|reason| *reason != OutsideReason::Comments || !page.is_thread);
    }
    let element = &page.tree.elements[block.element];
    let is_heading = element.hint.is_by_name && matches!(block.line.markup, Markup::Heading(_));
    let is_outermost = page.tree.elements[element.parent].hint.outside.is_none();
    element.hint.outside.filter(|reason| {
        is_heading && is_outermost && matches!(*reason, OutsideReason::Related | OutsideReason::Comments)
    })
}

/// For each element, the index of the last element inside it, or its own index if there is none.
fn last_descendants(page: &Extraction) -> Vec<usize> {
    let mut last: Vec<usize> = (0..page.tree.elements.len()).collect();
    for index in (1..last.len()).rev() {
        let parent = page.tree.elements[index].parent;
        last[parent] = last[parent].max(last[index]);
    }
    last
}

/// The end of the section that starts with `heading`, which may be an ordinary line used as a heading.
fn section_end(page: &Extraction, heading: usize, last_descendants: &[usize]) -> usize {
    let level = |index: usize| match page.blocks[index].line.markup {
        Markup::Heading(level) => Some(level),
        _ => None,
    };
    let is_in =
        |index: usize, element: usize| (element..=last_descendants[element]).contains(&page.blocks[index].element);
    let mut container = page.tree.elements[page.blocks[heading].element].parent;
    for _ in 0..MAX_SECTION_DEPTH {
        if container == 0 || page.blocks.get(heading + 1).is_none() || is_in(heading + 1, container) {
            break;
        }
        container = page.tree.elements[container].parent;
    }
    let is_after = |index: usize| {
        let block = &page.blocks[index];
        let starts_section = level(index).is_some_and(|next| level(heading).is_none_or(|own| next <= own))
            && block.link_chars * 2 < block.chars;
        !is_in(index, container) || starts_section || level(heading).is_none() && block.links == 0
    };
    (heading + 1..page.blocks.len()).find(|index| is_after(*index)).unwrap_or(page.blocks.len())
}

/// Drops "read more" links ("Les også: …"). In news articles, also drops paragraphs that consist of a link.
pub fn drop_read_more_links(page: &mut Extraction) {
    let prose = page.total_counts().prose;
    for index in 0..page.blocks.len() {
        let block = &page.blocks[index];
        let is_read_more_link = block.link_chars * 2 > block.chars
            && page.counts[index].words <= MAX_READ_MORE_WORDS
            && starts_like_read_more(&block.line.text);
        let is_link = page.is_article
            && page.tree.stated.is_news()
            && prose >= MIN_PROSE_OUTSIDE
            && block.line.markup == Markup::Paragraph
            && block.link_chars * 20 > block.chars * 19;
        if is_read_more_link || is_link {
            page.drop(index, OutsideReason::Related);
        }
    }
}

/// From the end of the page upwards, drops invitations to subscribe and, in articles, details of the authors and
/// headings with no text below them. Stops at the first block of any other kind.
pub fn drop_endings(page: &mut Extraction) {
    for index in (0..page.blocks.len()).rev() {
        let line = &page.blocks[index].line;
        if !page.is_kept(index) {
            continue;
        }
        let is_short = page.counts[index].words <= MAX_INVITATION_WORDS;
        if line.markup != Markup::Row && is_short && is_invitation(&line.text) {
            page.drop(index, OutsideReason::SignUp);
        } else if page.is_article && is_short && is_sign_off(&line.text) {
            page.drop(index, OutsideReason::AuthorDetails);
        } else if page.is_article && matches!(line.markup, Markup::Heading(level) if level > 1) {
            page.drop(index, OutsideReason::EmptyHeading);
        } else {
            return;
        }
    }
}

/// Drops a paragraph that is the same as the one before it, or part of another one nearby.
pub fn drop_repetitions(page: &mut Extraction) {
    let mut recent: VecDeque<(usize, BytePairs)> = VecDeque::new();
    for index in 0..page.blocks.len() {
        let block = &page.blocks[index];
        let is_compared = page.is_kept(index)
            && block.line.markup == Markup::Paragraph
            && REPEATED_WORDS.contains(&page.counts[index].words);
        if !is_compared {
            continue;
        }
        let text = |index: usize| without_ending(&page.blocks[index].line.text);
        let is_same = |other: usize| text(other) == text(index);
        let is_part = |part: usize, other: usize| text(other).contains(text(part)) && text(other) != text(part);
        let pairs = BytePairs::of(text(index));
        let element = &page.tree.elements[block.element];
        let is_caption = element.hint.is_caption || page.tree.elements[element.parent].hint.is_caption;
        let contains_this = |(other, other_pairs): &(usize, BytePairs)| {
            other_pairs.may_contain(&pairs) && (is_part(index, *other) || is_caption && is_same(*other))
        };
        let is_repetition = recent.iter().any(contains_this) || recent.back().is_some_and(|(last, _)| is_same(*last));
        if is_repetition {
            page.drop(index, OutsideReason::Repeated);
            continue;
        }
        let is_part_of_this =
            |(other, other_pairs): &&(usize, BytePairs)| pairs.may_contain(other_pairs) && is_part(*other, index);
        if let Some(part) = recent.iter().find(is_part_of_this).map(|(part, _)| *part) {
            page.drop(part, OutsideReason::Repeated);
        }
        recent.push_back((index, pairs));
        if recent.len() > NEARBY_BLOCKS {
            recent.pop_front();
        }
    }
}

/// The number of words that a run of blocks must have to count as a copy of an earlier run.
const MIN_RUN_WORDS: usize = 25;
/// Copied runs are dropped only if they contain at least this share of the page's words. If the whole page appears
/// twice, the share is 0.5; a smaller share may be text that several sections have in common.
const MIN_COPIED_SHARE: f64 = 0.4;
/// A text that repeats a phrase this many times is a banner that moves across the page.
const MIN_MARQUEE_REPEATS: usize = 5;

/// Drops runs of blocks that the page repeats, such as a list that it has once for wide and once for narrow screens,
/// and banners that repeat a phrase.
pub fn drop_copies(page: &mut Extraction) {
    let kept: Vec<usize> = (0..page.blocks.len()).filter(|block| page.is_kept(*block)).collect();
    let text = |position: usize| page.blocks[kept[position]].line.text.as_str();
    let mut first_at: HashMap<&str, usize> = HashMap::new();
    // For each position, the one that it repeats.
    let mut original: Vec<Option<usize>> = Vec::with_capacity(kept.len());
    for position in 0..kept.len() {
        let continued = position.checked_sub(1).and_then(|before| original[before]).map(|before| before + 1);
        let same = continued.filter(|other| *other < position && text(*other) == text(position));
        let first = *first_at.entry(text(position)).or_insert(position);
        original.push(same.or(Some(first).filter(|first| *first < position)));
    }
    let words = |blocks: &[usize]| -> usize { blocks.iter().map(|block| page.counts[*block].words).sum() };
    let mut copies = Vec::new();
    let mut start = 0;
    for run in original.chunk_by(|before, next| before.is_some_and(|before| *next == Some(before + 1))) {
        let blocks = &kept[start..start + run.len()];
        start += run.len();
        if run[0].is_some() && words(blocks) >= MIN_RUN_WORDS {
            copies.extend(blocks);
        }
    }
    let may_repeat = page.is_thread || page.is_article && page.tree.stated.is_news();
    let is_twice = !may_repeat && words(&copies) as f64 >= MIN_COPIED_SHARE * words(&kept) as f64;
    if !is_twice {
        copies.clear();
    }
    copies.extend(kept.iter().filter(|block| is_marquee(&page.blocks[**block].line.text)));
    copies.into_iter().for_each(|block| page.drop(block, OutsideReason::Repeated));
}

/// "Bestill nå * Bestill nå * Bestill nå …": nothing but the same few words, again and again.
fn is_marquee(text: &str) -> bool {
    const MAX_PERIOD: usize = 8;
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(MAX_PERIOD * 10).collect();
    let has_period = |period: usize| {
        words.len() >= period * MIN_MARQUEE_REPEATS
            && words.iter().skip(period).zip(&words).all(|(word, first)| word == first)
    };
    // A row of the same number or word is a table or a refrain.
    (2..=MAX_PERIOD).any(has_period) && words.iter().any(|word| *word != words[0])
}

/// A Bloom filter of the pairs of neighboring bytes in a text. A part of the text has no other pairs, so the filter
/// rules out nearly all comparisons cheaply.
struct BytePairs([u64; 4]);

impl BytePairs {
    fn of(text: &str) -> BytePairs {
        let mut pairs = [0; 4];
        for pair in text.as_bytes().windows(2) {
            let hash = (u16::from(pair[0]) * 31) ^ u16::from(pair[1]);
            pairs[usize::from(hash >> 6) % 4] |= 1u64 << (hash % 64);
        }
        BytePairs(pairs)
    }

    /// Whether a text with the pairs `part` may be a part of this one.
    fn may_contain(&self, part: &BytePairs) -> bool {
        part.0.iter().zip(&self.0).all(|(part, pairs)| part & !pairs == 0)
    }
}

/// The text without the control at its end that expands or collapses it: "… Les mer", "… more".
fn without_ending(text: &str) -> &str {
    const ENDINGS: [&str; 8] =
        ["read more", "show more", "more", "less", "les mer", "les meir", "vis mer", "vis mindre"];
    let text = text.trim_end();
    let start = ENDINGS.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    start.trim_end_matches(['…', '.', ' '])
}
