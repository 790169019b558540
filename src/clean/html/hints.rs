//! Hints from markup: what the name, role, classes and id of an element show about its text.

use std::collections::HashMap;
use std::sync::LazyLock;

use html5ever::Attribute;

use super::elements::{attribute, heading_level};
use crate::model::OutsideReason;

/// What the markup of an element shows about its text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hint {
    /// Why the text is probably not content.
    pub outside: Option<OutsideReason>,
    /// Whether the hint comes from a class or an id, which is weaker evidence than the element or its role.
    pub is_by_name: bool,
    /// Whether the element contains the page's content.
    pub is_main: bool,
    /// Whether the text is the caption of a picture.
    pub is_caption: bool,
    /// Whether the text is a notice of the site: a service is down, an office is closed.
    pub is_notice: bool,
    /// Whether a class or the id names a section that the reader can open, or its control.
    pub is_collapsible: bool,
    /// Whether the element is closed until the reader opens it.
    pub is_closed: bool,
}

const OUTSIDE_ELEMENTS: [(&str, OutsideReason); 8] = [
    ("nav", OutsideReason::Nav),
    ("footer", OutsideReason::Footer),
    ("aside", OutsideReason::Aside),
    ("form", OutsideReason::Form),
    ("button", OutsideReason::Button),
    ("dialog", OutsideReason::Dialog),
    ("menu", OutsideReason::Menu),
    ("label", OutsideReason::Label),
];
const OUTSIDE_ROLES: [(&str, OutsideReason); 9] = [
    ("navigation", OutsideReason::Navigation),
    ("contentinfo", OutsideReason::ContentInfo),
    ("complementary", OutsideReason::Complementary),
    ("search", OutsideReason::Search),
    ("dialog", OutsideReason::Dialog),
    ("alertdialog", OutsideReason::AlertDialog),
    ("menu", OutsideReason::Menu),
    ("menubar", OutsideReason::MenuBar),
    ("banner", OutsideReason::Banner),
];

/// Words that sites use in classes and ids of the elements around their content. A name is split into words at hyphens,
/// underscores and changes of case; two neighboring words also count as one ("mostread" for `most-read`).
const OUTSIDE_WORDS: [(OutsideReason, &str); 16] = [
    (
        OutsideReason::Navigation,
        "nav navbar navigation navigasjon menu submenu meny hovedmeny topmenu breadcrumb breadcrumbs brodsmule \
         brodsmuler brødsmulesti pager pagination paging paginering skiplink skiplinks skipto sitemap toolbar navlinks",
    ),
    (OutsideReason::Footer, "footer sitefooter pagefooter globalfooter bunntekst bunnmeny colophon copyright"),
    (OutsideReason::Banner, "masthead siteheader globalheader pageheader topbar headerbar"),
    (OutsideReason::Aside, "sidebar sidebars sidekolonne sidefelt siderail rightrail leftrail rightcol rightcolumn"),
    (
        OutsideReason::Sharing,
        "share sharing shares sharebar sharelinks sharetools sharethis shareaholic addthis addtoany social socials \
         socialmedia socialbar socialshare socialicons sosiale deling delingsknapper sharedaddy",
    ),
    (
        OutsideReason::Related,
        "related relatedposts relatedcontent relatedlinks relatedarticles relatert relaterte recommended \
         recommendation recommendations recommends anbefalt anbefalte trending popular mostread mostpopular mestlest \
         mestleste readmore readnext nextread upnext morefrom morestories morenews moreon lesogså lesogsa seealso \
         outbrain taboola zergnet revcontent prevnext nextprev postnavigation",
    ),
    (
        OutsideReason::Advertisement,
        "ad ads adslot adunit advert advertisement advertising adsense adwrapper adcontainer annonse annonser reklame \
         sponsor sponsored sponsors sponset dfp doubleclick",
    ),
    (
        OutsideReason::PostDetails,
        "postprofile signature usersignature postsignature messagesignature postbuttons postactions postcontrols \
         postlikes actionbar reactionsbar back2top backtotop jumpbox onlinelist statblock userinfo userdetails usercard \
         messageuser messageattribution postuserinfo usernamecontainer posthead postfoot keyinfo moderatorbar votecell \
         votecount topictools moretopics",
    ),
    (OutsideReason::Promotion, "promo promos promoted promotion announcementbar"),
    (
        OutsideReason::Reviews,
        "reviews customerreview customerreviews productreviews reviewlist anmeldelser anmeldelsar kundeanmeldelser \
         omtaler omtalar kundeomtaler produktomtaler kundevurderinger jdgm yotpo okendo \
         bazaarvoice trustpilot lipscore",
    ),
    (
        OutsideReason::Filters,
        "filters facet facets facetted refinement refinements layerednav filterbar filterpanel filterlist filtermenu \
         productfilter sortby sorting sortering filtrering",
    ),
    (
        OutsideReason::Comments,
        "comments comment commentlist commentform commentsection commentarea kommentar kommentarer kommentarfelt \
         disqus respond replies livefyre",
    ),
    (
        OutsideReason::SignUp,
        "newsletter newslettersignup nyhetsbrev subscribe subscription signup signin login loginform innlogging \
         optin mailchimp mcembed",
    ),
    (
        OutsideReason::CookieNotice,
        "cookie cookies cookiebanner cookieconsent cookiebar cookienotice cookiebot cookielaw informasjonskapsler \
         consent gdpr onetrust",
    ),
    (OutsideReason::Dialog, "modal popup popups lightbox overlay tooltip popover"),
    (
        OutsideReason::AuthorDetails,
        "authorbio authorbox authorinfo aboutauthor aboutauthors authordescription authorprofile forfatterboks byline \
         bylines tagcloud taglist taglinks posttags entrytags articletags tags postmeta entrymeta articlemeta \
         metadata",
    ),
];

/// A class or id with one of these words describes the layout or the type of page, not the element.
const NEUTRAL_WORDS: [&str; 20] = [
    "has", "no", "not", "with", "without", "is", "js", "category", "cat", "tag", "type", "status", "format", "hide",
    "main", "body", "open", "theme", "embed", "embedded",
];

/// Words in classes and ids of the element with the content.
const MAIN_WORDS: [&str; 24] = [
    "articlebody",
    "articlecontent",
    "articletext",
    "entrycontent",
    "postcontent",
    "postbody",
    "posttext",
    "storybody",
    "storycontent",
    "storytext",
    "bodycopy",
    "bodytext",
    "newsarticle",
    "maincontent",
    "contentmain",
    "pagecontent",
    "hovedinnhold",
    "artikkel",
    "artikkeltekst",
    "brødtekst",
    "brodtekst",
    "innhold",
    "hentry",
    "richtext",
];

/// Words in classes and ids of notices.
const NOTICE_WORDS: [&str; 4] = ["alert", "driftsmelding", "driftsmeldinger", "driftsmeldingar"];

static REASON_BY_WORD: LazyLock<HashMap<&str, OutsideReason>> = LazyLock::new(|| {
    let words =
        |(reason, words): &'static (OutsideReason, &str)| words.split_whitespace().map(move |word| (word, *reason));
    OUTSIDE_WORDS.iter().flat_map(words).collect()
});

/// Longer classes and ids are generated by tools, and are ignored.
const MAX_NAME_BYTES: usize = 1000;

/// The hint of an element. `is_inside` returns whether one of the named elements is open around it.
pub fn element_hint(name: &str, attrs: &[Attribute], is_inside: &dyn Fn(&[&str]) -> bool) -> Hint {
    let is_main = name == "main"
        || attribute(attrs, "role") == Some("main")
        || attribute(attrs, "itemprop").is_some_and(|prop| prop.ends_with("rticleBody"));
    let named = hint_by_name(attrs);
    if let Some(outside) = reason_by_element(name, attrs, named.is_collapsible, is_inside) {
        // The class of a sidebar may describe its contents more precisely.
        let is_sidebar = matches!(outside, OutsideReason::Aside | OutsideReason::Complementary);
        return match named.outside {
            Some(OutsideReason::Related | OutsideReason::PostDetails | OutsideReason::Comments) if is_sidebar => named,
            _ => Hint { outside: Some(outside), is_collapsible: named.is_collapsible, ..Hint::default() },
        };
    }
    if is_main || matches!(name, "html" | "body" | "head" | "title") {
        return Hint { is_main, ..Hint::default() };
    }
    let is_notice = named.is_notice || matches!(attribute(attrs, "role"), Some("alert" | "status"));
    Hint { is_caption: named.is_caption || name == "figcaption", is_notice, ..named }
}

fn reason_by_element(
    name: &str,
    attrs: &[Attribute],
    is_collapsible: bool,
    is_inside: &dyn Fn(&[&str]) -> bool,
) -> Option<OutsideReason> {
    let is_content = match name {
        // The footer of an article, with its source or author, not the footer of the page.
        "footer" => is_inside(&["article", "main"]),
        // The heading of a collapsible section.
        "button" => {
            attribute(attrs, "aria-expanded").is_some()
                || is_inside(&["h1", "h2", "h3", "h4", "h5", "h6", "summary"])
                || is_collapsible
        }
        _ => false,
    };
    let by_name = OUTSIDE_ELEMENTS.iter().find(|(outside, _)| *outside == name).filter(|_| !is_content);
    let by_role = || {
        let role = attribute(attrs, "role")?;
        OUTSIDE_ROLES.iter().find(|(outside, _)| *outside == role)
    };
    by_name.or_else(by_role).map(|(_, reason)| *reason)
}

/// Whether an element is hidden until a script shows it.
pub fn is_hidden(attrs: &[Attribute]) -> bool {
    // "until-found" hides text until a search in the page finds it.
    attribute(attrs, "hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || attribute(attrs, "aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || attribute(attrs, "class").is_some_and(is_hidden_by_class)
        || attribute(attrs, "style").is_some_and(|style| {
            let style = style.split_whitespace().collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Whether the classes of an element hide it at every width of the screen: `d-none`, but not `d-none d-md-block`.
/// Scripts often remove the class `hidden`, so it doesn't count: when it did, one more of 351 pages lost a fifth of its
/// content.
fn is_hidden_by_class(class: &str) -> bool {
    let names = || class.split_ascii_whitespace();
    let hides = |name: &str| matches!(name, "hide" | "d-none");
    // `lg:block` (Tailwind), `d-md-block` (Bootstrap)
    let shows = |name: &str| name.contains(':') || name.starts_with("d-") && !hides(name);
    names().any(hides) && !names().any(shows)
}

/// Whether the reader can open something with an element.
pub fn is_control(name: &str, attrs: &[Attribute], hint: Hint) -> bool {
    let is_button = name == "button" || attribute(attrs, "role") == Some("button");
    // A `div` with the class of a collapsible section may contain the whole section; these elements contain only text.
    let is_heading = heading_level(name).is_some() || matches!(name, "dt" | "legend");
    let has_text_only = is_heading || matches!(name, "a" | "p" | "span");
    name == "summary"
        || attribute(attrs, "aria-expanded").is_some()
        || (is_button || has_text_only) && hint.is_collapsible
        || is_heading && attribute(attrs, "onclick").is_some()
}

/// Returns the ids, with or without `#`, of what an element may open. They are in `aria-controls`, in `data-target`
/// (Bootstrap) and similar attributes, in links within the page, and in `onclick` handlers. If the element is
/// expandable, its own id is one of them.
pub fn controlled_ids<'a>(name: &str, attrs: &'a [Attribute]) -> impl Iterator<Item = &'a str> {
    let is_expandable = attribute(attrs, "aria-expanded").is_some();
    let is_clickable =
        matches!(name, "a" | "button" | "label" | "li") || matches!(attribute(attrs, "role"), Some("button" | "tab"));
    let ids = move |attr: &'a Attribute| -> Vec<&'a str> {
        let is_data = attr.name.local.starts_with("data-");
        let ids = match &*attr.name.local {
            "onclick" => return ids_in_script(&attr.value),
            "aria-controls" | "commandfor" | "data-target" | "data-bs-target" => &*attr.value,
            "id" if is_expandable => &*attr.value,
            // Pages use many attribute names for such ids: `data-tab=id`.
            _ if is_data && is_clickable => &*attr.value,
            name if is_data || name == "href" => attr.value.strip_prefix('#').unwrap_or(""),
            _ => "",
        };
        ids.split_whitespace().collect()
    };
    attrs.iter().flat_map(ids)
}

/// The ids in an event handler: `toggle('answer')`, `answer.showModal()`.
fn ids_in_script(script: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let before = |(end, _)| {
        let object: &str = &script[..end];
        &object[object.trim_end_matches(is_part).len()..]
    };
    let quoted = script.split(['\'', '"']).skip(1).step_by(2);
    quoted.chain(script.match_indices(".show").map(before)).collect()
}

/// Whether the text of a control announces that the control opens more text: "Les mer", "Vis alt".
pub fn is_open_prompt(text: &str) -> bool {
    const MAX_BYTES: usize = 24;
    const PROMPTS: [&str; 16] = [
        "les mer",
        "les meir",
        "les hele",
        "vis mer",
        "vis meir",
        "vis alt",
        "vis hele",
        "se mer",
        "sjå meir",
        "mer",
        "read more",
        "show more",
        "see more",
        "view more",
        "more",
        "expand",
    ];
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.len() <= MAX_BYTES && PROMPTS.contains(&text.to_lowercase().as_str())
}

/// Words in classes and ids of sections that the reader can open, and of their controls.
const COLLAPSIBLE_WORDS: [&str; 30] = [
    "accordion",
    "accordions",
    "trekkspel",
    "trekkspill",
    "collapse",
    "collapsed",
    "collapsible",
    "collapsable",
    "expand",
    "expanded",
    "expandable",
    "expander",
    "toggle",
    "togglable",
    "faq",
    "faqs",
    "answer",
    "answers",
    "tab",
    "tabs",
    "tabpanel",
    "tabpane",
    "tabcontent",
    "tabscontent",
    "spoiler",
    "disclosure",
    "showmore",
    "moretext",
    "morecontent",
    "vismer",
];
/// An element whose name has one of these words is a menu or the like, even if the reader can open it.
const CLOSED_MENU_WORDS: [&str; 16] = [
    "header",
    "menu",
    "meny",
    "mobile",
    "nav",
    "navbar",
    "navigation",
    "search",
    "sok",
    "søk",
    "dropdown",
    "share",
    "login",
    "filter",
    "filters",
    "language",
];

/// Returns the hint that the classes and the id of an element give.
fn hint_by_name(attrs: &[Attribute]) -> Hint {
    let mut hint = Hint::default();
    let mut is_menu = false;
    let names = ["id", "class"].into_iter().flat_map(|kind| {
        let names = attribute(attrs, kind).filter(|names| names.len() <= MAX_NAME_BYTES).unwrap_or("");
        names.split_whitespace().map(move |name| (kind, name))
    });
    for (kind, name) in names {
        let words = split_name(name);
        let pairs: Vec<String> = pairs(&words).collect();
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.text.as_str()));
        let has_word_or_pair = |known: &[&str]| has(known) || pairs.iter().any(|pair| known.contains(&pair.as_str()));
        hint.is_main |= has_word_or_pair(&MAIN_WORDS);
        hint.is_notice |= has(&NOTICE_WORDS);
        hint.is_caption |= has(&["caption", "bildetekst"]);
        is_menu |= has(&CLOSED_MENU_WORDS);
        hint.is_collapsible |= has_word_or_pair(&COLLAPSIBLE_WORDS);
        if is_neutral(&words) {
            continue;
        }
        let found = words
            .iter()
            .find_map(|word| REASON_BY_WORD.get(without_heading_suffix(&word.text)))
            .or_else(|| pairs.iter().find_map(|pair| REASON_BY_WORD.get(pair.as_str())));
        // `message-user-content` contains what the user wrote.
        let is_post = words.last().is_some_and(|word| matches!(word.text.as_str(), "content" | "text" | "innhold"));
        // `more-on-lists` is the id of a section about lists, not of a list of other pages.
        let is_prompt = |pair: &String| matches!(pair.as_str(), "moreon" | "morefrom" | "readmore" | "seealso");
        let is_anchor = kind == "id" && words.len() > 2 && pairs.first().is_some_and(is_prompt);
        let applies = |outside: &&OutsideReason| match outside {
            OutsideReason::PostDetails => !is_post,
            OutsideReason::Related => !is_anchor,
            _ => true,
        };
        if let Some(outside) = found.filter(applies) {
            hint.outside.get_or_insert(*outside);
            hint.is_by_name = true;
        }
    }
    hint.is_main &= hint.outside.is_none();
    hint.is_by_name |= hint.is_main;
    hint.is_collapsible &= !is_menu;
    hint
}

/// Whether a name describes the layout, the colors or the type of the page.
fn is_neutral(words: &[NameWord]) -> bool {
    // Colors of a page's menu: "dark-nav".
    const COLORS: [&str; 6] = ["dark", "light", "white", "black", "transparent", "inverse"];
    // The last word names the element, and the words before it only qualify it: "main-menu" is a menu.
    let is_main_menu = |word: &str, rest: &[NameWord]| {
        word == "main" && rest.len() == 1 && REASON_BY_WORD.contains_key(rest[0].text.as_str())
    };
    words.iter().enumerate().any(|(index, word)| {
        let (word, rest) = (word.text.as_str(), &words[index + 1..]);
        NEUTRAL_WORDS.contains(&word) && !is_main_menu(word, rest)
            || COLORS.contains(&word) && rest.len() == 1 && matches!(rest[0].text.as_str(), "nav" | "menu" | "navbar")
    })
}

/// Removes the suffix that marks the name of a heading: `relatedpoststitle` → `relatedposts`.
fn without_heading_suffix(word: &str) -> &str {
    ["title", "heading", "headline"].iter().find_map(|suffix| word.strip_suffix(suffix)).unwrap_or(word)
}

/// A word of a class or id.
struct NameWord {
    text: String,
    /// Whether the word is a part of a name in camel case: "related" in `relatedPosts-list`.
    is_camel: bool,
    /// Whether a hyphen or another separator precedes the word.
    is_separated: bool,
}

/// Splits `relatedPosts-list` into "related", "posts" and "list".
fn split_name(name: &str) -> Vec<NameWord> {
    let mut words: Vec<NameWord> = Vec::new();
    let mut text = String::new();
    let (mut was_lower, mut is_separated) = (false, true);
    let mut is_camel = false;
    for c in name.chars() {
        let starts_camel = c.is_uppercase() && was_lower;
        if (!c.is_alphanumeric() || starts_camel) && !text.is_empty() {
            words.push(NameWord { text: std::mem::take(&mut text), is_camel: is_camel || starts_camel, is_separated });
            is_separated = !starts_camel;
            is_camel = starts_camel;
        }
        if c.is_alphanumeric() {
            text.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    if !text.is_empty() {
        words.push(NameWord { text, is_camel, is_separated });
    }
    words
}

/// The neighboring words of a name, joined. In `message-userContent`, "message" and "user" are not a pair, because
/// "user" belongs to "content".
fn pairs(words: &[NameWord]) -> impl Iterator<Item = String> {
    let is_pair = |pair: &&[NameWord]| !pair[1].is_separated || !pair[0].is_camel && !pair[1].is_camel;
    words.windows(2).filter(is_pair).map(|pair| format!("{}{}", pair[0].text, pair[1].text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names_into_words() {
        let words = |name: &str| split_name(name).into_iter().map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(words("relatedPosts-list__item2"), ["related", "posts", "list", "item2"]);
        assert_eq!(words("--"), [""; 0]);
    }
}
