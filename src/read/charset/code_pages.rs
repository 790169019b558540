//! Tables of single-byte encodings of Western Europe: from encoding_rs, and the DOS code pages 437, 850 and 865.

use encoding_rs::{Encoding, ISO_8859_10, ISO_8859_15, MACINTOSH, WINDOWS_1252};

/// A single-byte encoding whose lower half is ASCII.
pub struct CodePage {
    pub name: &'static str,
    /// The characters of the bytes 0x80 to 0xFF.
    upper: Vec<char>,
    is_dos: bool,
}

/// The characters of bytes 0x80 to 0xFF in code page 437 (Unicode Consortium, CP437.TXT).
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// The characters of bytes 0x80 to 0xFF in code page 850 (Unicode Consortium, CP850.TXT).
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

impl CodePage {
    pub fn windows_1252() -> CodePage {
        CodePage::of(WINDOWS_1252, "Windows-1252")
    }

    pub fn latin9() -> CodePage {
        CodePage::of(ISO_8859_15, "ISO-8859-15")
    }

    pub fn latin6() -> CodePage {
        CodePage::of(ISO_8859_10, "ISO-8859-10")
    }

    pub fn mac_roman() -> CodePage {
        CodePage::of(MACINTOSH, "MacRoman")
    }

    pub fn cp850() -> CodePage {
        CodePage { name: "CP850", upper: CP850.chars().collect(), is_dos: true }
    }

    /// Code page 865 (Nordic), which differs from 437 in three characters.
    pub fn cp865() -> CodePage {
        let upper = CP437.chars().map(|c| match c {
            '¢' => 'ø',
            '¥' => 'Ø',
            '»' => '¤',
            c => c,
        });
        CodePage { name: "CP865", upper: upper.collect(), is_dos: true }
    }

    /// Code page 437. It has no ø, so the Greek letter phi, which was used instead, is decoded as ø.
    pub fn cp437() -> CodePage {
        let upper = CP437.chars().map(|c| match c {
            'φ' => 'ø',
            'Φ' => 'Ø',
            c => c,
        });
        CodePage { name: "CP437", upper: upper.collect(), is_dos: true }
    }

    fn of(encoding: &'static Encoding, name: &'static str) -> CodePage {
        let bytes: Vec<u8> = (0x80..=0xff).collect();
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        CodePage { name, upper: text.chars().collect(), is_dos: false }
    }

    pub fn char(&self, byte: u8) -> char {
        match self.upper.get(usize::from(byte).wrapping_sub(0x80)) {
            Some(c) => *c,
            // DOS displays two control codes as characters.
            None if self.is_dos && byte == 0x14 => '¶',
            None if self.is_dos && byte == 0x15 => '§',
            None => char::from(byte),
        }
    }

    pub fn decode(&self, bytes: &[u8]) -> String {
        bytes.iter().map(|byte| self.char(*byte)).collect()
    }

    /// The byte of a character outside ASCII.
    pub fn byte(&self, c: char) -> Option<u8> {
        self.upper.iter().position(|upper| *upper == c).and_then(|at| u8::try_from(at + 0x80).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_have_128_upper_characters() {
        let all = [CodePage::windows_1252(), CodePage::latin9(), CodePage::latin6(), CodePage::mac_roman()];
        for page in all.iter().chain(&[CodePage::cp437(), CodePage::cp850(), CodePage::cp865()]) {
            assert_eq!(page.upper.len(), 128, "{}", page.name);
        }
    }

    #[test]
    fn decodes_the_norwegian_letters() {
        assert_eq!(CodePage::mac_roman().decode(b"\xbe\xbf\x8c\xae\xaf\x81"), "æøåÆØÅ");
        assert_eq!(CodePage::cp865().decode(b"\x91\x9b\x86\x92\x9d\x8f"), "æøåÆØÅ");
        assert_eq!(CodePage::cp850().decode(b"\x91\x9b\x86\x92\x9d\x8f\xf5"), "æøåÆØÅ§");
        assert_eq!(CodePage::cp437().decode(b"\x91\xed\x86\x92\xe8\x8f\x15"), "æøåÆØÅ§");
        assert_eq!(CodePage::cp865().byte('ø'), Some(0x9b));
    }
}
