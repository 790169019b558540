//! The numbered pages of results.

use maud::{Markup, html};

use crate::serve::page::language::UiLanguage;
use crate::serve::page::page_state::PageState;

/// Number of pages to link on each side of the current one.
const NEIGHBORS: usize = 2;

/// Links to the pages of results; nothing if there is only one page.
pub fn page_numbers(state: &PageState, last: usize, language: UiLanguage) -> Markup {
    let (texts, current) = (language.texts(), state.page);
    let number = |page: usize| {
        let name = (texts.page_number)(&language.number(page as u64));
        html! {
            li {
                @if page == current {
                    a href=(state.results_page(page)) aria-current="page" aria-label=(name) { (page) }
                } @else {
                    a href=(state.results_page(page)) aria-label=(name) { (page) }
                }
            }
        }
    };
    html! {
        @if last > 1 {
            nav.pages aria-label=(texts.page_numbers) {
                ul.inline {
                    @if current > 1 {
                        li { a rel="prev" href=(state.results_page(current - 1)) { "← " (texts.previous) } }
                    }
                    @for shown in listed(current, last) {
                        @match shown {
                            Some(page) => (number(page)),
                            None => { li.gap aria-hidden="true" { "…" } }
                        }
                    }
                    @if current < last {
                        li { a rel="next" href=(state.results_page(current + 1)) { (texts.next) " →" } }
                    }
                }
            }
        }
    }
}

/// The pages to list: the first, the last, and those near the current one; `None` for a gap.
fn listed(current: usize, last: usize) -> Vec<Option<usize>> {
    let mut listed = Vec::new();
    let mut previous = 0;
    for page in (1..=last).filter(|page| *page == 1 || *page == last || page.abs_diff(current) <= NEIGHBORS) {
        match page - previous {
            1 => {}
            // A gap of one page takes as much space as its number.
            2 => listed.push(Some(page - 1)),
            _ => listed.push(None),
        }
        listed.push(Some(page));
        previous = page;
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_the_first_the_last_and_the_neighbors() {
        let check = |current: usize, last: usize, expected: &str| {
            let shown = listed(current, last).into_iter();
            let shown: Vec<String> = shown.map(|page| page.map_or("…".to_string(), |page| page.to_string())).collect();
            assert_eq!(shown.join(" "), expected, "{current} of {last}");
        };
        check(1, 1, "1");
        check(1, 5, "1 2 3 4 5");
        check(1, 9, "1 2 3 … 9");
        check(5, 9, "1 2 3 4 5 6 7 8 9");
        check(50, 100, "1 … 48 49 50 51 52 … 100");
        check(100, 100, "1 … 98 99 100");
    }
}
