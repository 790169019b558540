//! The reasons that cleaning gives for the class of a line, with the text that `treff clean --explain` shows.

use std::fmt;

/// The rule that gave a line its class. `Display` is the text shown to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    Blank,
    NoLettersOrDigits,
    /// The markup of the page places the line outside the content.
    Outside(OutsideReason),
    /// States a date of publication or update.
    DateLine,
    ReadMoreLink,
    ReaderComment,
    /// In a run of short lines outside the text of the page.
    MenuRun,
    /// Not a sentence, and separated from the text by a menu.
    BeyondMenu,
    /// One of a few sentences between menus.
    BetweenMenus,
    RecursAtTop,
    RecursAtEnd,
    RecursInside,
    InterfacePhrase,
    FirstHeading,
    StatedTitle,
    TitleShape,
    RepeatsTitle,
    MarkupHeading,
    MarkupItem,
    MarkupText,
    ItemShape,
    HeadingShape,
    Prose,
    /// No rule matched, so the line is content.
    NoRule,
    /// The index was built with `--keep-all`.
    KeepAll,
    /// The number is the line of `rules.txt`, counted from 1.
    KeptByUserRule(usize),
    DroppedByUserRule(usize),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Reason::Blank => "blank line",
            Reason::NoLettersOrDigits => "no letters or digits",
            Reason::Outside(reason) => reason.text(),
            Reason::DateLine => "date of publication or update",
            Reason::ReadMoreLink => "\"read more\" link",
            Reason::ReaderComment => "in or below reader comments",
            Reason::MenuRun => "run of short lines outside the text",
            Reason::BeyondMenu => "not a sentence; a menu separates it from the text",
            Reason::BetweenMenus => "one of a few sentences between menus",
            Reason::RecursAtTop => "recurs on other pages, in a run that starts at the top",
            Reason::RecursAtEnd => "recurs on other pages, in a run that ends at the bottom",
            Reason::RecursInside => "recurs on many pages, in a run of such lines",
            Reason::InterfacePhrase => "interface phrase above or below the content",
            Reason::FirstHeading => "first top-level heading",
            Reason::StatedTitle => "title that the page states",
            Reason::TitleShape => "first line of the content, shaped like a title",
            Reason::RepeatsTitle => "repeats the title that follows",
            Reason::MarkupHeading => "heading by its markup",
            Reason::MarkupItem => "list item by its markup",
            Reason::MarkupText => "block of text by its markup",
            Reason::ItemShape => "starts like a list item",
            Reason::HeadingShape => "short line above longer ones",
            Reason::Prose => "prose",
            Reason::NoRule => "no rule matched",
            Reason::KeepAll => "kept because the index keeps all lines",
            Reason::KeptByUserRule(line) => return f.pad(&format!("kept by line {line} of rules.txt")),
            Reason::DroppedByUserRule(line) => return f.pad(&format!("dropped by line {line} of rules.txt")),
        })
    }
}

/// Why the markup of a page places a block outside its content.
///
/// Most elements and ARIA roles of the same meaning are separate variants: elements are seldom misused, so a role or a class
/// name is overridden more easily than an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutsideReason {
    /// `<nav>`.
    Nav,
    /// The role `navigation`, or a class or id that names a menu.
    Navigation,
    /// `<menu>` or its role.
    Menu,
    /// The role `menubar`.
    MenuBar,
    /// `<footer>`, or a class or id that names a footer.
    Footer,
    /// The role `contentinfo`.
    ContentInfo,
    /// `<aside>`, or a class or id that names a sidebar.
    Aside,
    /// The role `complementary`.
    Complementary,
    /// `<form>`.
    Form,
    /// `<label>`.
    Label,
    /// The role `search`.
    Search,
    /// `<button>`, or the buttons of a forum post.
    Button,
    /// The options of a `<select>` or the text of a `<textarea>`.
    FormField,
    /// An element that the page doesn't show.
    Hidden,
    /// `<noscript>`.
    NoScript,
    /// The role `banner`, a class or id that names a page header, or the site's name as a heading.
    Banner,
    /// Outside the element that contains the content.
    OutsideMain,
    LinkList,
    /// A heading with no text below it.
    EmptyHeading,
    /// Tags that the page shows as text.
    EscapedMarkup,
    /// Text that the page repeats.
    Repeated,
    Sharing,
    /// Links to other pages.
    Related,
    Promotion,
    Advertisement,
    Comments,
    /// What customers wrote about a product or a shop.
    Reviews,
    /// Controls that filter or sort a list.
    Filters,
    /// A form or an invitation to sign up or subscribe.
    SignUp,
    CookieNotice,
    /// Details of a forum post: its author, its votes, its controls.
    PostDetails,
    /// The author, date or tags of an article.
    AuthorDetails,
    /// A picture credit or a message of a media player.
    MediaCredit,
    /// `<dialog>`, its role, or a class or id that names a dialog.
    Dialog,
    /// The role `alertdialog`.
    AlertDialog,
}

impl OutsideReason {
    fn text(self) -> &'static str {
        match self {
            OutsideReason::Nav | OutsideReason::Navigation | OutsideReason::Menu | OutsideReason::MenuBar => {
                "inside a navigation element"
            }
            OutsideReason::Footer | OutsideReason::ContentInfo => "inside the page footer",
            OutsideReason::Aside | OutsideReason::Complementary => "inside an aside",
            OutsideReason::Form | OutsideReason::Label | OutsideReason::Search => "inside a form",
            OutsideReason::Button => "inside a button",
            OutsideReason::FormField => "inside a form field",
            OutsideReason::Hidden => "hidden by the page",
            OutsideReason::NoScript => "shown only where scripts don't run",
            OutsideReason::Banner => "inside the page banner",
            OutsideReason::OutsideMain => "outside the main content",
            OutsideReason::LinkList => "list of links",
            OutsideReason::EmptyHeading => "heading with no text below it",
            OutsideReason::EscapedMarkup => "markup shown as text",
            OutsideReason::Repeated => "repeats other text of the page",
            OutsideReason::Sharing => "inside share buttons",
            OutsideReason::Related => "inside a list of other pages",
            OutsideReason::Promotion => "inside a promotion",
            OutsideReason::Advertisement => "inside an advertisement",
            OutsideReason::Comments => "reader comments",
            OutsideReason::Reviews => "customer reviews",
            OutsideReason::Filters => "filters of a list",
            OutsideReason::SignUp => "inside a sign-up form",
            OutsideReason::CookieNotice => "inside a cookie notice",
            OutsideReason::PostDetails => "details of a post or its author",
            OutsideReason::AuthorDetails => "author, date or tags of an article",
            OutsideReason::MediaCredit => "picture credit or player message",
            OutsideReason::Dialog | OutsideReason::AlertDialog => "inside a dialog",
        }
    }
}
