//! Given an element's name and attributes, what do they say of the text in it?

use std::collections::HashMap;
use std::sync::LazyLock;

use html5ever::Attribute;

use super::attr;

/// What an element says of the text in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hint {
    /// Why it would be no content: a name of `outside_reason`.
    pub outside: Option<&'static str>,
    /// The author named the element so in a class or an id, which is a weaker word than an element's own.
    pub by_words: bool,
    /// Says that it holds the page's content.
    pub is_main: bool,
    /// Says what a picture shows.
    pub is_caption: bool,
    /// Says what holds just now: the service is down, the office is closed.
    pub is_notice: bool,
}

/// The name of elements that the page doesn't show.
pub const HIDDEN: &str = "hidden";
pub const COMMENTS: &str = "comments";
/// The name of what is shown where no scripts run, and of what fields of forms offer.
pub const UNSCRIPTED: &str = "unscripted";
pub const FIELD: &str = "field";

const OUTSIDE: [&str; 8] = ["nav", "footer", "aside", "form", "button", "dialog", "menu", "label"];
const OUTSIDE_ROLES: [&str; 9] =
    ["navigation", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar", "banner"];

/// Words of classes and ids, as sites name the parts around their content. A name is cut into words at hyphens,
/// underscores and changes of case; two neighbouring words count as one too (`most-read` is "mostread").
const WORDS: [(&str, &str); 14] = [
    (
        "navigation",
        "nav navbar navigation navigasjon menu submenu meny hovedmeny topmenu breadcrumb breadcrumbs brodsmule \
         brodsmuler brødsmulesti pager pagination paging paginering skiplink skiplinks skipto sitemap toolbar navlinks",
    ),
    ("footer", "footer sitefooter pagefooter globalfooter bunntekst bunnmeny colophon copyright"),
    ("banner", "masthead siteheader globalheader pageheader topbar headerbar"),
    ("aside", "sidebar sidebars sidekolonne sidefelt siderail rightrail leftrail rightcol rightcolumn"),
    (
        "sharing",
        "share sharing shares sharebar sharelinks sharetools sharethis shareaholic addthis addtoany social socials \
         socialmedia socialbar socialshare socialicons sosiale deling delingsknapper sharedaddy",
    ),
    (
        "related",
        "related relatedposts relatedcontent relatedlinks relatedarticles relatert relaterte recommended \
         recommendation recommendations recommends anbefalt anbefalte trending popular mostread mostpopular mestlest \
         mestleste readmore readnext nextread upnext morefrom morestories morenews moreon lesogså lesogsa seealso \
         outbrain taboola zergnet revcontent prevnext nextprev postnavigation",
    ),
    (
        "advertising",
        "ad ads adslot adunit advert advertisement advertising adsense adwrapper adcontainer annonse annonser reklame \
         sponsor sponsored sponsors sponset dfp doubleclick",
    ),
    (
        "about a post",
        "postprofile signature usersignature postsignature messagesignature postbuttons postactions postcontrols \
         postlikes actionbar reactionsbar back2top backtotop jumpbox onlinelist statblock userinfo userdetails usercard \
         messageuser messageattribution postuserinfo usernamecontainer posthead postfoot keyinfo moderatorbar votecell \
         votecount topictools moretopics",
    ),
    ("promoted", "promo promos promoted promotion"),
    (
        COMMENTS,
        "comments comment commentlist commentform commentsection commentarea kommentar kommentarer kommentarfelt \
         disqus respond replies livefyre",
    ),
    (
        "sign up",
        "newsletter newslettersignup nyhetsbrev subscribe subscription signup signin login loginform innlogging \
         optin mailchimp mcembed",
    ),
    (
        "cookies",
        "cookie cookies cookiebanner cookieconsent cookiebar cookienotice cookiebot cookielaw informasjonskapsler \
         consent gdpr onetrust",
    ),
    ("dialog", "modal popup popups lightbox overlay tooltip popover"),
    (
        "about the author",
        "authorbio authorbox authorinfo aboutauthor aboutauthors authordescription authorprofile forfatterboks byline \
         bylines tagcloud taglist taglinks posttags entrytags articletags tags postmeta entrymeta articlemeta \
         metadata",
    ),
];

/// A name with one of these words tells of the layout or of the page's kind, not of the element.
const NOT_IN: [&str; 20] = [
    "has", "no", "not", "with", "without", "is", "js", "category", "cat", "tag", "type", "status", "format", "hide",
    "main", "body", "open", "theme", "embed", "embedded",
];

const MAIN: [&str; 24] = [
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

const NOTICE: [&str; 4] = ["alert", "driftsmelding", "driftsmeldinger", "driftsmeldingar"];

static BY_WORD: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    WORDS.iter().flat_map(|(outside, words)| words.split_whitespace().map(move |word| (word, *outside))).collect()
});

/// Longer names are generated.
const MAX_NAME_BYTES: usize = 1000;

/// What the element says. `is_inside` tells which elements are open around it.
pub fn of(name: &str, attrs: &[Attribute], is_inside: &dyn Fn(&[&str]) -> bool) -> Hint {
    let is_main = name == "main"
        || attr(attrs, "role") == Some("main")
        || attr(attrs, "itemprop").is_some_and(|prop| prop.ends_with("rticleBody"));
    if is_hidden(attrs) {
        return Hint { outside: Some(HIDDEN), ..Hint::default() };
    }
    if let Some(outside) = by_element(name, attrs, is_inside) {
        // Of a box beside the text its class may say what it holds.
        let is_box = matches!(outside, "aside" | "complementary");
        let named = by_words(attrs);
        return match named.outside {
            Some("related" | "about a post" | COMMENTS) if is_box => named,
            _ => Hint { outside: Some(outside), ..Hint::default() },
        };
    }
    if is_main || matches!(name, "html" | "body" | "head" | "title") {
        return Hint { is_main, ..Hint::default() };
    }
    let hint = by_words(attrs);
    let is_notice = hint.is_notice || matches!(attr(attrs, "role"), Some("alert" | "status"));
    Hint { is_caption: hint.is_caption || name == "figcaption", is_notice, ..hint }
}

fn by_element(name: &str, attrs: &[Attribute], is_inside: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    let is_content = match name {
        // Of the article, not of the page: its source, its author.
        "footer" => is_inside(&["article", "main"]),
        // The heading of a part that opens.
        "button" => {
            attr(attrs, "aria-expanded").is_some()
                || is_inside(&["h1", "h2", "h3", "h4", "h5", "h6", "summary"])
                || opens(attrs)
        }
        _ => false,
    };
    let by_name = OUTSIDE.iter().find(|outside| **outside == name).filter(|_| !is_content);
    let by_role = || {
        let role = attr(attrs, "role")?;
        OUTSIDE_ROLES.iter().find(|outside| **outside == role)
    };
    by_name.or_else(by_role).copied()
}

fn is_hidden(attrs: &[Attribute]) -> bool {
    // Closed, not hidden.
    if attr(attrs, "role") == Some("tabpanel") || opens(attrs) {
        return false;
    }
    // "until-found" is made to be found by a search.
    attr(attrs, "hidden").is_some_and(|how| !how.eq_ignore_ascii_case("until-found"))
        || attr(attrs, "aria-hidden") == Some("true")
        || attr(attrs, "style").is_some_and(|style| {
            let style: String = style.split_whitespace().collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Is called a part that opens, or what opens it; those of menus are not meant.
fn opens(attrs: &[Attribute]) -> bool {
    const OPENS: [&str; 8] =
        ["accordion", "collapse", "collapsible", "expandable", "faq", "trekkspel", "trekkspill", "toggle"];
    const MENUS: [&str; 6] = ["header", "menu", "mobile", "nav", "navbar", "search"];
    let names = [attr(attrs, "id"), attr(attrs, "class")].into_iter().flatten().filter(|n| n.len() <= MAX_NAME_BYTES);
    let names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
    let words = || names.iter().flat_map(|name| name.split(|c: char| !c.is_ascii_alphabetic()));
    words().any(|word| OPENS.contains(&word)) && !words().any(|word| MENUS.contains(&word))
}

fn by_words(attrs: &[Attribute]) -> Hint {
    let mut hint = Hint::default();
    let names = [attr(attrs, "id"), attr(attrs, "class")];
    for name in names.into_iter().flatten().filter(|name| name.len() <= MAX_NAME_BYTES).flat_map(str::split_whitespace)
    {
        let words = words(name);
        if words.windows(2).any(|pair| is_main_word(&pair.concat())) || words.iter().any(|word| is_main_word(word)) {
            hint.is_main = true;
        }
        hint.is_notice |= words.iter().any(|word| NOTICE.contains(&word.as_str()));
        hint.is_caption |= words.iter().any(|word| matches!(word.as_str(), "caption" | "bildetekst"));
        if words.iter().any(|word| NOT_IN.contains(&word.as_str())) {
            continue;
        }
        let found = words
            .iter()
            .find_map(|word| BY_WORD.get(without_part(word)))
            .or_else(|| words.windows(2).find_map(|pair| BY_WORD.get(pair.concat().as_str())));
        if let Some(outside) = found {
            hint.outside.get_or_insert(outside);
            hint.by_words = true;
        }
    }
    hint.is_main &= hint.outside.is_none();
    hint.by_words |= hint.is_main;
    hint
}

/// `relatedpoststitle` is the heading of `relatedposts`.
fn without_part(word: &str) -> &str {
    ["title", "heading", "headline"].iter().find_map(|part| word.strip_suffix(part)).unwrap_or(word)
}

fn is_main_word(word: &str) -> bool {
    MAIN.contains(&word)
}

/// `relatedPosts-list` is related, posts, list.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if (!c.is_alphanumeric() || c.is_uppercase() && was_lower) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("relatedPosts-list__item2"), ["related", "posts", "list", "item2"]);
        assert_eq!(words("--"), [""; 0]);
    }
}
