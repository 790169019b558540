//! Given a short text, does a list have it?
//!
//! The lists are part of the program. Their texts are kept as numbers whose order is that of the texts: comparing numbers
//! is several times faster, and every place in an unknown word is looked for in several lists.

/// Texts of at most eight bytes in their order, each as one number.
pub const fn packed<const N: usize>(texts: [&str; N]) -> [u64; N] {
    let mut numbers = [0; N];
    let mut at = 0;
    while at < N {
        numbers[at] = number(texts[at].as_bytes());
        assert!(at == 0 || numbers[at - 1] < numbers[at], "sorted");
        at += 1;
    }
    numbers
}

const fn number(bytes: &[u8]) -> u64 {
    assert!(bytes.len() <= 8);
    let mut number = 0;
    let mut at = 0;
    while at < 8 {
        number = number << 8 | if at < bytes.len() { bytes[at] as u64 } else { 0 };
        at += 1;
    }
    number
}

/// Whether a text without NUL is one of a list.
pub fn contains(list: &[u64], text: &str) -> bool {
    text.len() <= 8 && list.binary_search(&number(text.as_bytes())).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [u64; 3] = packed(["av", "ave", "å"]);

    #[test]
    fn a_list_has_its_texts_alone() {
        for text in ["av", "ave", "å"] {
            assert!(contains(&LIST, text), "{text}");
        }
        for text in ["", "a", "aved", "avestikk", "en lengre tekst", "ø"] {
            assert!(!contains(&LIST, text), "{text}");
        }
    }
}
