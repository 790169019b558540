//! Words and numbers are found no matter how they are written in the page and in the query: divided words, ligatures, references,
//! numbers in groups, hyphens, letter-spaced words, footnote marks and foreign letters.

use treff::index::{self, Index};
use treff::query::{self, Synonyms};
use treff::search::search;

use crate::{PLAIN, TestEnv, update};

/// Pages, each with a name and a text.
const PAGES: [(&str, &str); 12] = [
    (
        "divided.txt",
        "Kommunen har barneverns-\ntjenesten og samar-\r\n  beidet, og send en e-\npost til støtte-\nog hjelpetiltak.",
    ),
    ("divided.html", "<p>Rådet for utdan-<br>ningsforskning, og for likestil&shy;\nling i Sør-\nTrøndelag.</p>"),
    ("ligatures.txt", "De ﬁnansielle rapportene om oﬀentlig sektor, Ｔｒｏｎｄｈｅｉｍ og 𝐅𝐨𝐫𝐬𝐤𝐫𝐢𝐟𝐭, ½ liter."),
    (
        "references.txt",
        "Jf. §§ 2-4 og 2-5, §§ 21–23, paragrafene 41 og 42, sak 19/04567-12, NOU 2020: 5 og Prop. 73 L (2016–2017).",
    ),
    (
        "grouped.txt",
        "Ring 22 24 90 90 eller +47 915 03 742, konto 1234.56.78903, NO93 8601 1117 947, ISBN 978-82-02-12345-6.",
    ),
    ("plain.txt", "Ring 55512345, konto 98765432109, NO9386011117999, ISBN 9788202123000."),
    ("table.txt", "Antall i 2017 2018 og 12 000 13 500, en skala på 20 30 40 50 og datoene 24.12.31.12 i planen."),
    ("hyphens.txt", "Covid-19 og e-post i Nord-Norge."),
    ("joined.txt", "Om covid19, epost og nordnorge."),
    ("apostrophes.txt", "Etter OL'94 kom ABC'13 og NRK'S sending."),
    ("spaced.txt", "V E D T A K\n\nDet er gitt a b c og § 3 a i dag.\n\nT a u s h e t s p l i k t\n\nDen gjelder."),
    (
        "marks.html",
        "<p>Barneloven<sup>1</sup> og forskriften<a href='#n2'>2</a> om 5 m<sup>2</sup>, CO₂, H2O, A4 og vedtektene3. Łódź og Kárášjohka ligger i Đurđevac.</p>",
    ),
];

fn indexed() -> (TestEnv, Index) {
    let env = TestEnv::empty();
    for (name, text) in PAGES {
        env.write(&format!("pages/{name}"), text);
    }
    update(&env.path("index"), &[env.path("pages")]);
    let index = index::open(&env.path("index")).unwrap();
    (env, index)
}

/// The names of the pages that a query matches, best first.
fn found(index: &Index, text: &str) -> String {
    let results = search(index, &query::parse(text, &Synonyms::builtin()), &PLAIN).unwrap();
    let names = results.hits.iter().map(|hit| hit.path.rsplit('/').next().unwrap_or("").to_string());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_written_form_is_found() {
    let (_env, index) = indexed();
    let mut wrong = Vec::new();
    let mut check = |text: &str, expected: &str| {
        let found = found(&index, text);
        if found != expected {
            wrong.push(format!("{text}: {found:?}, not {expected:?}"));
        }
    };
    for word in ["barnevernstjeneste", "samarbeid", "=samarbeidet", "\"har barnevernstjenesten og\"", "støttetiltak"] {
        check(word, "divided.txt");
    }
    for word in ["utdanningsforskning", "likestilling", "\"Sør-Trøndelag\""] {
        check(word, "divided.html");
    }
    for word in ["finansielle", "offentlig", "trondheim", "=forskrift", "=finansielle"] {
        check(word, "ligatures.txt");
    }
    for reference in [
        "\"§ 2-5\"",
        "\"§ 2-4\"",
        "\"§ 21\"",
        "\"§ 23\"",
        "\"paragraf 42\"",
        "\"19/04567\"",
        "19/04567-12",
        "\"NOU 2020:5\"",
        "\"NOU 2020: 5\"",
        "\"NOU 2020 nr. 5\"",
        "\"Prop. 73 L (2016-2017)\"",
    ] {
        check(reference, "references.txt");
    }
    for reference in ["\"§ 4\"", "\"§ 2\"", "\"§ 12\""] {
        check(reference, "");
    }
    for number in [
        "22249090",
        "\"22 24 90 90\"",
        "\"2224 9090\"",
        "91503742",
        "+4791503742",
        "12345678903",
        "NO9386011117947",
        "9788202123456",
    ] {
        check(number, "grouped.txt");
    }
    for number in
        ["\"555 12 345\"", "\"55 51 23 45\"", "\"9876.54.32109\"", "\"NO93 8601 1117 999\"", "\"978-82-02-12300-0\""]
    {
        check(number, "plain.txt");
    }
    for number in ["20172018", "1200013500", "20304050", "24123112"] {
        check(number, "");
    }
    // The spelling that was typed ranks first.
    check("covid19", "joined.txt hyphens.txt");
    check("nordnorge", "joined.txt hyphens.txt");
    check("+Covid-19", "hyphens.txt joined.txt");
    check("+Nord-Norge", "hyphens.txt joined.txt");
    check("OL", "apostrophes.txt");
    check("ABC'13", "apostrophes.txt");
    check("NRK", "apostrophes.txt");
    check("vedtak", "spaced.txt");
    check("plikt", "spaced.txt");
    check("\"a b c\"", "spaced.txt");
    for word in [
        "=barneloven",
        "=forskriften",
        "=vedtektene",
        "m2",
        "co2",
        "\"m²\"",
        "=h2o",
        "=a4",
        "lodz",
        "karasjohka",
        "Đurđevac",
        "durdevac",
    ] {
        check(word, "marks.html");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn snippets_show_divided_words_as_one() {
    let (_env, index) = indexed();
    let check = |text: &str, expected: &str, marked: &str| {
        let results = search(&index, &query::parse(text, &Synonyms::builtin()), &PLAIN).unwrap();
        let hit = &results.hits[0];
        assert!(hit.snippet.contains(expected), "{text}: {}", hit.snippet);
        let marks: Vec<&str> = hit.marks.iter().map(|(start, end)| &hit.snippet[*start..*end]).collect();
        assert_eq!(marks, [marked], "{text}: {}", hit.snippet);
    };
    check("barnevernstjeneste", "har barnevernstjenesten og samarbeidet", "barnevernstjenesten");
    check("tjeneste", "har barnevernstjenesten og samarbeidet", "tjenesten");
    check("samarbeid", "send en e-post til støtte- og hjelpetiltak", "samarbeidet");
    check("22249090", "Ring 22 24 90 90 eller", "22 24 90 90");
    check("=barneloven", "Barneloven¹ og forskriften²", "Barneloven");
}
