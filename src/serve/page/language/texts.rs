//! The texts of the search page in Bokmål, Nynorsk and English, in one table.
//!
//! A text that lacks a language doesn't compile. Texts with numbers or names in them are functions; numbers are given
//! as they are written in the language.

use crate::query::QueryProblemKind;
use crate::snippet::MatchKind;

/// Defines `Texts` and its three values from a table with one line per text: Bokmål, Nynorsk, English.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $nb:expr, $nn:expr, $en:expr;)*) => {
        /// The texts of the page in one language.
        pub struct Texts {
            $($(#[$doc])* pub $name: $type,)*
        }

        pub static NB: Texts = Texts { $($name: $nb,)* };
        pub static NN: Texts = Texts { $($name: $nn,)* };
        pub static EN: Texts = Texts { $($name: $en,)* };

        #[cfg(test)]
        impl Texts {
            /// The names and values of the texts that are not functions.
            pub fn plain(&self) -> Vec<(&'static str, &'static str)> {
                let mut plain: Vec<(&'static str, &'static str)> = Vec::new();
                $(plain.extend(
                    (&self.$name as &dyn std::any::Any)
                        .downcast_ref::<&'static str>()
                        .map(|text| (stringify!($name), *text)),
                );)*
                plain
            }
        }
    };
}

type Text = &'static str;
/// A text with one word or number in it.
type With1 = fn(&str) -> String;
type With2 = fn(&str, &str) -> String;
/// A text with a number that decides between singular and plural, and the same number as written.
type Counted = fn(u64, &str) -> String;

fn singular_or_plural(count: u64, singular: Text, plural: Text) -> Text {
    if count == 1 { singular } else { plural }
}

texts! {
    // The frame of every page.
    skip: Text = "Hopp til innholdet", "Hopp til innhaldet", "Skip to the content";
    home: Text = "treff – til forsiden", "treff – til framsida", "treff – to the front page";
    languages: Text = "Språk på siden", "Språk på sida", "Language of the page";
    browser_search: Text = "treff", "treff", "treff";

    // The search form.
    search_label: Text = "Søk i sidene", "Søk i sidene", "Search the pages";
    search: Text = "Søk", "Søk", "Search";

    // The front page.
    front_heading: Text = "Hva leter du etter?", "Kva leitar du etter?", "What are you looking for?";
    front_text: With1 =
        |pages| format!("Søket dekker {pages}. Det finner ordene i alle bøyninger, som del av sammensatte ord og på både bokmål og nynorsk."),
        |pages| format!("Søket dekkjer {pages}. Det finn orda i alle bøyingar, som del av samansette ord og på både bokmål og nynorsk."),
        |pages| format!("The search covers {pages}. It finds Norwegian words in all inflections, as parts of compounds, and in both Bokmål and Nynorsk.");
    pages: Counted =
        |count, n| format!("{n} {}", singular_or_plural(count, "side", "sider")),
        |count, n| format!("{n} {}", singular_or_plural(count, "side", "sider")),
        |count, n| format!("{n} {}", singular_or_plural(count, "page", "pages"));
    tips: Text = "Slik kan du søke", "Slik kan du søkje", "How to search";
    tip_words: Text =
        "ett av ordene eller begge, de beste treffene først",
        "eitt av orda eller begge, dei beste treffa først",
        "either word or both, the best results first";
    tip_phrase: Text = "ordene rett etter hverandre", "orda rett etter kvarandre", "the words next to each other";
    tip_required: Text = "bare treff med ordet etter pluss", "berre treff med ordet etter pluss", "only results with the word after the plus";
    tip_excluded: Text = "ingen treff med ordet etter minus", "ingen treff med ordet etter minus", "no results with the word after the minus";
    tip_wildcard: Text = "ord som begynner slik", "ord som byrjar slik", "words that begin like this";
    tip_operators: Text = "begge ordene", "begge orda", "both words";

    // The heading of the results.
    results: Counted =
        |_, n| format!("{n} treff"),
        |_, n| format!("{n} treff"),
        |count, n| format!("{n} {}", singular_or_plural(count, "result", "results"));
    pages_with_results: Counted =
        |count, n| format!("{n} {} med treff", singular_or_plural(count, "side", "sider")),
        |count, n| format!("{n} {} med treff", singular_or_plural(count, "side", "sider")),
        |count, n| format!("{n} {} with results", singular_or_plural(count, "page", "pages"));
    /// The heading with the query; the first value is one of the two above, or `nothing`.
    results_for: With2 =
        |results, query| format!("{results} på {query}"),
        |results, query| format!("{results} på {query}"),
        |results, query| format!("{results} for {query}");
    nothing: Text = "Ingen treff", "Ingen treff", "No results";
    took_too_long: Text = "Søket tok for lang tid", "Søket tok for lang tid", "The search took too long";
    /// Before a number of results or pages that is a lower bound.
    at_least: With1 =
        |results| format!("Minst {results}"),
        |results| format!("Minst {results}"),
        |results| format!("At least {results}");
    partial: Text =
        "Søket tok for lang tid og ble stoppet. Det kan finnes flere og bedre treff. Prøv færre ord, eller avgrens søket.",
        "Søket tok for lang tid og vart stoppa. Det kan finnast fleire og betre treff. Prøv færre ord, eller avgrens søket.",
        "The search took too long and was stopped. There may be more and better results. Try fewer words, or narrow the search.";
    page_number: With1 = |n| format!("side {n}"), |n| format!("side {n}"), |n| format!("page {n}");
    sort_by: Text = "Sorter", "Sorter", "Sort";
    by_relevance: Text = "etter relevans", "etter relevans", "by relevance";
    by_date: Text = "nyeste først", "nyaste først", "newest first";
    show: Text = "Vis", "Vis", "Show";
    all_passages: Text = "alle avsnitt", "alle avsnitt", "all passages";
    one_per_page: Text = "ett avsnitt per side", "eitt avsnitt per side", "one passage per page";
    jump_to_filters: Text = "Avgrens treffene", "Avgrens treffa", "Narrow the results";

    // Notes above the hits.
    did_you_mean: Text = "Mente du", "Meinte du", "Did you mean";
    corrected: With2 =
        |searched, typed| format!("Viser treff på {searched} i stedet for {typed}."),
        |searched, typed| format!("Viser treff på {searched} i staden for {typed}."),
        |searched, typed| format!("Showing results for {searched} instead of {typed}.");
    all_capitals: Text =
        "Hele søket er skrevet med store bokstaver, så OG, ELLER og IKKE er lest som vanlige ord. Skriv AND, OR og NOT hvis de skal styre søket.",
        "Heile søket er skrive med store bokstavar, så OG, ELLER og IKKE er lesne som vanlege ord. Skriv AND, OR og NOT dersom dei skal styre søket.",
        "The whole query is in capitals, so OG, ELLER and IKKE were read as words. Write AND, OR and NOT to use them as operators.";
    dropped_words: With1 =
        |n| format!("Søket er svært langt. Bare de {n} første ordene er brukt."),
        |n| format!("Søket er svært langt. Berre dei {n} første orda er brukte."),
        |n| format!("The query is very long. Only the first {n} words were used.");
    cut_query: With1 =
        |n| format!("Søket er kuttet etter {n} tegn."),
        |n| format!("Søket er kutta etter {n} teikn."),
        |n| format!("The query was cut after {n} characters.");

    /// A part of the query that was not understood, in quotation marks, and why.
    problem: fn(QueryProblemKind, &str) -> String = problem_nb, problem_nn, problem_en;
    words_instead: Text = "Det er søkt etter ordene i stedet.", "Det er søkt etter orda i staden.", "The words were searched for instead.";
    /// A pattern that matches too many words, and the number of those that are used.
    broad_pattern: With2 =
        |pattern, n| format!("Mange ord passer med {pattern}. Bare de {n} vanligste er brukt."),
        |pattern, n| format!("Mange ord passar med {pattern}. Berre dei {n} vanlegaste er brukte."),
        |pattern, n| format!("Many words match {pattern}. Only the {n} most frequent were used.");

    // Nothing found.
    try_this: Text = "Dette kan du prøve", "Dette kan du prøve", "What you can try";
    without_filters: Text = "Søk uten filtrene", "Søk utan filtera", "Search without the filters";
    outside_content: Text =
        "Søk også i menyer, bunntekster og annet som ikke er innhold",
        "Søk også i menyar, botntekstar og anna som ikkje er innhald",
        "Also search menus, footers and other text that is not content";
    advice: Text =
        "Se etter skrivefeil, eller bruk færre eller mer vanlige ord.",
        "Sjå etter skrivefeil, eller bruk færre eller meir vanlege ord.",
        "Check the spelling, or use fewer or more common words.";
    empty_query: Text = "Ingenting å søke etter", "Ingenting å søkje etter", "Nothing to search for";
    only_long_words: Text =
        "Søket har bare ord på mer enn 200 bokstaver. Så lange ord kan ikke søkes etter.",
        "Søket har berre ord på meir enn 200 bokstavar. Så lange ord kan ein ikkje søkje etter.",
        "The query has only words of more than 200 letters. Words as long as this can't be searched for.";
    only_excludes: Text =
        "Søket sier bare hva som ikke skal være med. Legg til et ord du leter etter.",
        "Søket seier berre kva som ikkje skal vere med. Legg til eit ord du leitar etter.",
        "The query only says what to leave out. Add a word to search for.";
    no_letters: Text =
        "Søket har verken bokstaver eller tall.",
        "Søket har verken bokstavar eller tal.",
        "The query contains no letters or digits.";

    /// A filter that no page passes, as `field: value`.
    no_page_with: With1 =
        |filter| format!("Ingen sider har {filter}."),
        |filter| format!("Ingen sider har {filter}."),
        |filter| format!("No page has {filter}.");
    nearest_values: With1 =
        |values| format!("Det nærmeste som finnes, er {values}."),
        |values| format!("Det nærmaste som finst, er {values}."),
        |values| format!("The nearest there are: {values}.");
    no_page_dated: With2 =
        |first, last| format!("Ingen sider er fra disse datoene. Sidene er fra {first} til {last}."),
        |first, last| format!("Ingen sider er frå desse datoane. Sidene er frå {first} til {last}."),
        |first, last| format!("No page is from these dates. The pages are from {first} to {last}.");
    path: Text = "plassering", "plassering", "path";

    // A hit.
    title_missing: Text = "Uten tittel", "Utan tittel", "Untitled";
    open_at: With1 = |site| format!("Åpne på {site}"), |site| format!("Opne på {site}"), |site| format!("Open at {site}");
    line: With1 = |n| format!("linje {n}"), |n| format!("linje {n}"), |n| format!("line {n}");
    updated: With1 = |date| format!("oppdatert {date}"), |date| format!("oppdatert {date}"), |date| format!("updated {date}");
    matching_passages: Counted =
        |_, n| format!("{n} avsnitt med treff"),
        |_, n| format!("{n} avsnitt med treff"),
        |count, n| format!("{n} matching {}", singular_or_plural(count, "passage", "passages"));
    similar: Counted =
        |count, n| format!("Vis {n} {}", singular_or_plural(count, "liknende side", "liknende sider")),
        |count, n| format!("Vis {n} {}", singular_or_plural(count, "liknande side", "liknande sider")),
        |count, n| format!("Show {n} similar {}", singular_or_plural(count, "page", "pages"));
    also_at: Text = "Finnes også på", "Finst også på", "Also at";
    and_more: With1 = |n| format!("og {n} til"), |n| format!("og {n} til"), |n| format!("and {n} more");
    not_content: Text =
        "fra meny, bunntekst eller annet utenom innholdet",
        "frå meny, botntekst eller anna utanom innhaldet",
        "from a menu, footer or other text that is not content";

    // Page numbers.
    page_numbers: Text = "Sider med treff", "Sider med treff", "Pages of results";
    previous: Text = "Forrige", "Førre", "Previous";
    next: Text = "Neste", "Neste", "Next";
    no_more: Text = "Det er ikke flere treff å vise.", "Det er ikkje fleire treff å vise.", "There are no more results to show.";
    to_first_page: Text = "Til første side med treff", "Til første sida med treff", "To the first page of results";
    folded: Text =
        "Noen treff er ikke vist, fordi de er på sider som likner mye på dem som er vist.",
        "Nokre treff er ikkje viste, fordi dei er på sider som liknar mykje på dei som er viste.",
        "Some results are not shown because they are on pages very similar to those shown.";
    show_folded: Text = "Vis dem også", "Vis dei også", "Show them too";
    too_many: With1 =
        |n| format!("Bare de {n} første treffene kan vises. Avgrens søket for å finne andre."),
        |n| format!("Berre dei {n} første treffa kan visast. Avgrens søket for å finne andre."),
        |n| format!("Only the first {n} results can be shown. Narrow the search to find others.");

    // Filters.
    filters: Text = "Avgrens", "Avgrens", "Filters";
    counted_pages: Text = "Tallene er sider med treff.", "Tala er sider med treff.", "The numbers are pages with results.";
    source: Text = "Kilde", "Kjelde", "Source";
    year: Text = "År", "År", "Year";
    language: Text = "Språk", "Språk", "Language";
    site: Text = "Nettsted", "Nettstad", "Site";
    date: Text = "Dato", "Dato", "Date";
    not_stated: With1 = |n| format!("Ikke oppgitt ({n})"), |n| format!("Ikkje oppgitt ({n})"), |n| format!("Not stated ({n})");
    bokmal: Text = "bokmål", "bokmål", "Bokmål";
    nynorsk: Text = "nynorsk", "nynorsk", "Nynorsk";
    english: Text = "engelsk", "engelsk", "English";
    norwegian: Text = "norsk", "norsk", "Norwegian";
    other_language: Text = "annet språk", "anna språk", "other language";
    since: Text = "Fra og med", "Frå og med", "From";
    until: Text = "Til og med", "Til og med", "Until";
    date_hint: Text =
        "For eksempel 2018, 03.2018 eller 12.03.2018",
        "Til dømes 2018, 03.2018 eller 12.03.2018",
        "For example 2018, 2018-03 or 2018-03-12";
    use_dates: Text = "Bruk datoene", "Bruk datoane", "Use the dates";
    invalid_date: With1 =
        |date| format!("{date} er ikke en gyldig dato og er ikke brukt."),
        |date| format!("{date} er ikkje ein gyldig dato og er ikkje brukt."),
        |date| format!("{date} is not a valid date and was not used.");
    reversed_dates: Text =
        "Fra-datoen er etter til-datoen, så ingen sider passer.",
        "Frå-datoen er etter til-datoen, så ingen sider passar.",
        "The first date is after the last, so no page matches.";
    active_filters: Text = "Valgte filtre", "Valde filter", "Active filters";
    remove: Text = "Fjern", "Fjern", "Remove";
    /// Follows `remove`, for screen readers.
    the_filter: With1 = |name| format!("filteret {name}"), |name| format!("filteret {name}"), |name| format!("the filter {name}");
    remove_all: Text = "Fjern alle filtre", "Fjern alle filter", "Remove all filters";
    more_choices: Text = "Flere valg", "Fleire val", "More choices";
    unfold_similar: Text = "Vis liknende sider hver for seg", "Vis liknande sider kvar for seg", "Show similar pages separately";
    fold_similar: Text = "Slå sammen liknende sider", "Slå saman liknande sider", "Group similar pages";
    with_boilerplate: Text = "Søk også utenom innholdet", "Søk også utanom innhaldet", "Also search outside the content";
    without_boilerplate: Text = "Søk bare i innholdet", "Søk berre i innhaldet", "Search only the content";
    explain: Text = "Forklar rekkefølgen", "Forklar rekkjefølgja", "Explain the order";
    do_not_explain: Text = "Skjul forklaringene", "Skjul forklaringane", "Hide the explanations";

    // The passage in its page.
    back_to_results: Text = "Tilbake til treffene", "Tilbake til treffa", "Back to the results";
    go_to_passage: Text = "Gå ned til treffet", "Gå ned til treffet", "Go down to the passage";
    cleaned: Text =
        "Siden er vist uten menyer og annet som ikke er innhold.",
        "Sida er vist utan menyar og anna som ikkje er innhald.",
        "The page is shown without menus and other text that is not content.";
    page_cut: Text =
        "Siden er for lang til å vises i sin helhet.",
        "Sida er for lang til å visast i sin heilskap.",
        "The page is too long to be shown in full.";
    the_hit: Text = "Treffet", "Treffet", "The passage";
    passage_missing: Text = "Fant ikke avsnittet", "Fann ikkje avsnittet", "Passage not found";
    passage_missing_text: Text =
        "Siden kan være endret eller fjernet etter at du fikk lenken. Søk på nytt for å finne den.",
        "Sida kan vere endra eller fjerna etter at du fekk lenkja. Søk på nytt for å finne ho.",
        "The page may have changed or been removed since you got the link. Search again to find it.";

    // Explanations.
    score: With1 = |n| format!("Poeng: {n}"), |n| format!("Poeng: {n}"), |n| format!("Score: {n}");
    corrected_from: With1 = |word| format!("rettet fra {word}"), |word| format!("retta frå {word}"), |word| format!("corrected from {word}");
    word_order: With1 =
        |n| format!("Ordene kommer i samme rekkefølge som i søket: {n}"),
        |n| format!("Orda kjem i same rekkjefølgje som i søket: {n}"),
        |n| format!("The words are in the order of the query: {n}");
    title_coverage: With1 =
        |n| format!("Søket dekker tittelen: {n}"),
        |n| format!("Søket dekkjer tittelen: {n}"),
        |n| format!("The query covers the title: {n}");
    repeated: With1 =
        |n| format!("Det samme står på andre sider på nettstedet, så summen er ganget med {n}"),
        |n| format!("Det same står på andre sider på nettstaden, så summen er gonga med {n}"),
        |n| format!("Other pages of the site contain the same text, so the sum is multiplied by {n}");
    /// How a word matches: the kind, the word in the text, and its lemma or component or the word of the query, both in
    /// quotation marks.
    match_kind: fn(MatchKind, &str, &str) -> String = match_kind_nb, match_kind_nn, match_kind_en;

    // Errors.
    error_not_found: Text = "Fant ikke siden", "Fann ikkje sida", "Page not found";
    error_not_found_text: Text =
        "Adressen fører ikke til noe her. Kanskje den er skrevet feil.",
        "Adressa fører ikkje til noko her. Kanskje ho er skriven feil.",
        "There is nothing at this address. It may be misspelled.";
    error_no_index: Text = "Søket er ikke klart ennå", "Søket er ikkje klart enno", "The search is not ready yet";
    error_no_index_text: Text =
        "Sidene er ikke lagt inn i søket. Prøv igjen om litt.",
        "Sidene er ikkje lagde inn i søket. Prøv igjen om litt.",
        "The pages have not been indexed. Try again in a while.";
    error_busy: Text = "Mange søker akkurat nå", "Mange søkjer akkurat no", "Many people are searching right now";
    error_busy_text: Text = "Vent noen sekunder og prøv igjen.", "Vent nokre sekund og prøv igjen.", "Wait a few seconds and try again.";
    error_internal: Text = "Noe gikk galt", "Noko gjekk gale", "Something went wrong";
    error_internal_text: Text =
        "Feilen er vår, ikke din. Prøv igjen, eller prøv et annet søk.",
        "Feilen er vår, ikkje din. Prøv igjen, eller prøv eit anna søk.",
        "The fault is ours, not yours. Try again, or try another search.";
    error_request: Text = "Kan ikke svare på forespørselen", "Kan ikkje svare på førespurnaden", "The request can't be answered";
    error_request_text: Text =
        "Serveren godtar ikke forespørselen slik den er. Grunnen:",
        "Serveren godtek ikkje førespurnaden slik han er. Grunnen:",
        "The server does not accept the request as it is. The reason:";
    error_access: Text = "Ingen tilgang", "Ingen tilgang", "No access";
    to_search: Text = "Til søket", "Til søket", "To the search";
    try_again: Text = "Prøv igjen", "Prøv igjen", "Try again";
}

fn problem_nb(kind: QueryProblemKind, part: &str) -> String {
    use QueryProblemKind as Kind;
    match kind {
        Kind::UnclosedQuote => format!("Anførselstegnet {part} er ikke lukket."),
        Kind::UnopenedQuote => format!("Anførselstegnet {part} er ikke åpnet."),
        Kind::UnclosedParenthesis => format!("Parentesen {part} er ikke lukket."),
        Kind::UnopenedParenthesis => format!("Parentesen {part} er ikke åpnet."),
        Kind::EmptyParentheses => format!("Parentesene {part} er tomme."),
        Kind::TooDeep => "Søket har for mange parenteser inni hverandre.".to_string(),
        Kind::NothingBefore => format!("Det mangler noe foran {part}."),
        Kind::NothingAfter => format!("Det mangler noe etter {part}."),
        Kind::UnknownField => format!("Det er ikke noe felt som heter {part}."),
        Kind::FieldWithoutValue => format!("Det mangler noe etter {part}. Skriv det uten mellomrom foran."),
        Kind::FieldWithParentheses => {
            format!("Etter {part} kan det stå et ord eller en tekst i anførselstegn, ikke en parentes.")
        }
        Kind::InvalidValue => format!("{part} er ikke en verdi som passer her."),
        Kind::InvalidPattern => format!("{part} er ikke et mønster som kan brukes."),
        Kind::InvalidDistance => format!("Etter anførselstegn må {part} følges av et antall ord, som i ~5."),
        Kind::MisplacedStar => format!("{part} kan bare brukes i et ord uten anførselstegn."),
        Kind::RepeatedSign => format!("{part} betyr ingenting. Skriv ett tegn foran ordet."),
        Kind::LoneSign => format!("{part} må stå rett foran et ord, uten mellomrom."),
        Kind::WordTooLong => "Et svært langt ord er hoppet over.".to_string(),
    }
}

fn problem_nn(kind: QueryProblemKind, part: &str) -> String {
    use QueryProblemKind as Kind;
    match kind {
        Kind::UnclosedQuote => format!("Hermeteiknet {part} er ikkje lukka."),
        Kind::UnopenedQuote => format!("Hermeteiknet {part} er ikkje opna."),
        Kind::UnclosedParenthesis => format!("Parentesen {part} er ikkje lukka."),
        Kind::UnopenedParenthesis => format!("Parentesen {part} er ikkje opna."),
        Kind::EmptyParentheses => format!("Parentesane {part} er tomme."),
        Kind::TooDeep => "Søket har for mange parentesar inni kvarandre.".to_string(),
        Kind::NothingBefore => format!("Det manglar noko framfor {part}."),
        Kind::NothingAfter => format!("Det manglar noko etter {part}."),
        Kind::UnknownField => format!("Det finst ikkje noko felt som heiter {part}."),
        Kind::FieldWithoutValue => format!("Det manglar noko etter {part}. Skriv det utan mellomrom framfor."),
        Kind::FieldWithParentheses => {
            format!("Etter {part} kan det stå eit ord eller ein tekst i hermeteikn, ikkje ein parentes.")
        }
        Kind::InvalidValue => format!("{part} er ikkje ein verdi som passar her."),
        Kind::InvalidPattern => format!("{part} er ikkje eit mønster som kan brukast."),
        Kind::InvalidDistance => format!("Etter hermeteikn må {part} følgjast av eit tal på ord, som i ~5."),
        Kind::MisplacedStar => format!("{part} kan berre brukast i eit ord utan hermeteikn."),
        Kind::RepeatedSign => format!("{part} tyder ingenting. Skriv eitt teikn framfor ordet."),
        Kind::LoneSign => format!("{part} må stå rett framfor eit ord, utan mellomrom."),
        Kind::WordTooLong => "Eit svært langt ord er hoppa over.".to_string(),
    }
}

fn problem_en(kind: QueryProblemKind, part: &str) -> String {
    use QueryProblemKind as Kind;
    match kind {
        Kind::UnclosedQuote => format!("The quotation mark {part} is never closed."),
        Kind::UnopenedQuote => format!("The quotation mark {part} was never opened."),
        Kind::UnclosedParenthesis => format!("The parenthesis {part} is never closed."),
        Kind::UnopenedParenthesis => format!("The parenthesis {part} was never opened."),
        Kind::EmptyParentheses => format!("The parentheses {part} are empty."),
        Kind::TooDeep => "The query has too many parentheses inside each other.".to_string(),
        Kind::NothingBefore => format!("Something is missing before {part}."),
        Kind::NothingAfter => format!("Something is missing after {part}."),
        Kind::UnknownField => format!("No field is named {part}."),
        Kind::FieldWithoutValue => format!("Something is missing after {part}. Write it without a space before it."),
        Kind::FieldWithParentheses => format!("{part} takes a word or a quoted text, not parentheses."),
        Kind::InvalidValue => format!("{part} is not a value that can be used here."),
        Kind::InvalidPattern => format!("{part} is not a pattern that can be used."),
        Kind::InvalidDistance => format!("After a quoted text, {part} needs a number of words, as in ~5."),
        Kind::MisplacedStar => format!("{part} can only be used in a word without quotation marks."),
        Kind::RepeatedSign => format!("{part} has no meaning. Write one sign before the word."),
        Kind::LoneSign => format!("{part} must be right before a word, without a space."),
        Kind::WordTooLong => "A very long word was left out.".to_string(),
    }
}

fn match_kind_nb(kind: MatchKind, word: &str, other: &str) -> String {
    match kind {
        MatchKind::Exact => "som skrevet".to_string(),
        MatchKind::Lemma => format!("{word}, grunnformen"),
        MatchKind::Inflection => format!("{word}, bøyning av {other}"),
        MatchKind::Nynorsk => format!("{word}, nynorsk for {other}"),
        MatchKind::Bokmal => format!("{word}, bokmål for {other}"),
        MatchKind::SplitCompound => format!("{word}, skrevet i ett ord"),
        MatchKind::Component => format!("{word}, der {other} er et ledd"),
        MatchKind::Synonym => format!("{word}, et synonym"),
        MatchKind::Pattern => format!("{word}, som passer med mønsteret"),
        MatchKind::QueryComponent => format!("{word}, der {other} er et ledd av søkeordet"),
        MatchKind::Title => "bare i tittel eller overskrift".to_string(),
        MatchKind::Page => "bare andre steder på siden".to_string(),
        MatchKind::Trigrams => "bare ord som likner".to_string(),
        MatchKind::None => "ikke funnet her".to_string(),
    }
}

fn match_kind_nn(kind: MatchKind, word: &str, other: &str) -> String {
    match kind {
        MatchKind::Exact => "som skrive".to_string(),
        MatchKind::Lemma => format!("{word}, grunnforma"),
        MatchKind::Inflection => format!("{word}, bøying av {other}"),
        MatchKind::Nynorsk => format!("{word}, nynorsk for {other}"),
        MatchKind::Bokmal => format!("{word}, bokmål for {other}"),
        MatchKind::SplitCompound => format!("{word}, skrive i eitt ord"),
        MatchKind::Component => format!("{word}, der {other} er eit ledd"),
        MatchKind::Synonym => format!("{word}, eit synonym"),
        MatchKind::Pattern => format!("{word}, som passar med mønsteret"),
        MatchKind::QueryComponent => format!("{word}, der {other} er eit ledd av søkjeordet"),
        MatchKind::Title => "berre i tittel eller overskrift".to_string(),
        MatchKind::Page => "berre andre stader på sida".to_string(),
        MatchKind::Trigrams => "berre ord som liknar".to_string(),
        MatchKind::None => "ikkje funne her".to_string(),
    }
}

fn match_kind_en(kind: MatchKind, word: &str, other: &str) -> String {
    match kind {
        MatchKind::Exact => "as typed".to_string(),
        MatchKind::Lemma => format!("{word}, the base form"),
        MatchKind::Inflection => format!("{word}, an inflection of {other}"),
        MatchKind::Nynorsk => format!("{word}, Nynorsk for {other}"),
        MatchKind::Bokmal => format!("{word}, Bokmål for {other}"),
        MatchKind::SplitCompound => format!("{word}, written as one word"),
        MatchKind::Component => format!("{word}, which contains {other}"),
        MatchKind::Synonym => format!("{word}, a synonym"),
        MatchKind::Pattern => format!("{word}, which matches the pattern"),
        MatchKind::QueryComponent => format!("{word}, where {other} is a part of the search word"),
        MatchKind::Title => "in the title or a heading only".to_string(),
        MatchKind::Page => "elsewhere on the page only".to_string(),
        MatchKind::Trigrams => "similar words only".to_string(),
        MatchKind::None => "not found here".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_text_is_empty_or_untranslated() {
        let english: HashSet<(&str, &str)> = EN.plain().into_iter().collect();
        assert!(english.len() > 50);
        let same: Vec<&str> = ["browser_search"].to_vec();
        for (name, text) in NB.plain().into_iter().chain(NN.plain()).chain(EN.plain()) {
            assert!(!text.trim().is_empty(), "{name}");
        }
        for (name, text) in NB.plain().into_iter().chain(NN.plain()) {
            assert!(same.contains(&name) || !english.contains(&(name, text)), "{name} is English");
        }
    }
}
