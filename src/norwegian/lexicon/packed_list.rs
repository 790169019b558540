//! Sorted lists of short strings, packed into integers and searched by binary search.
//!
//! The integers sort in the same order as the strings, and comparing them is several times faster. This matters because
//! the text before or after every position of an unknown word is looked up in several lists.

/// Packs sorted strings of at most eight bytes, each into one number.
pub const fn packed<const N: usize>(texts: [&str; N]) -> [u64; N] {
    let mut numbers = [0; N];
    let mut index = 0;
    while index < N {
        numbers[index] = number(texts[index].as_bytes());
        assert!(index == 0 || numbers[index - 1] < numbers[index], "the strings must be sorted");
        index += 1;
    }
    numbers
}

const fn number(bytes: &[u8]) -> u64 {
    assert!(bytes.len() <= 8);
    let mut number = 0;
    let mut index = 0;
    while index < 8 {
        number = number << 8 | if index < bytes.len() { bytes[index] as u64 } else { 0 };
        index += 1;
    }
    number
}

/// Whether a list contains a text, which must not contain NUL.
pub fn contains(list: &[u64], text: &str) -> bool {
    text.len() <= 8 && list.binary_search(&number(text.as_bytes())).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [u64; 3] = packed(["av", "ave", "å"]);

    #[test]
    fn contains_only_its_own_strings() {
        for text in ["av", "ave", "å"] {
            assert!(contains(&LIST, text), "{text}");
        }
        for text in ["", "a", "aved", "avestikk", "en lengre tekst", "ø"] {
            assert!(!contains(&LIST, text), "{text}");
        }
    }
}
