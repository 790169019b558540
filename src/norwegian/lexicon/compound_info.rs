//! Looks up a lemma's role in compounds: how many have it as their head or modifier, and its own components.

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::dawg::Dawg;
use super::readings::ENCODED_ZERO;

static COMPOUNDS: Dawg = Dawg(include_bytes!("../../../data/compounds.dawg"));

/// How many compounds of the lexicon contain a lemma, and the components of the lemma itself.
#[derive(Clone, Debug, Default)]
pub struct CompoundInfo {
    /// ln(1 + n) in sixteenths, where n compounds have the lemma as their head.
    head: u8,
    /// ln(1 + n) in sixteenths for each link, where n compounds have the lemma as their modifier with that link.
    modifier: [u8; 3],
    /// The encoded components of a compound (see `Lemma::encode_components`); empty for a simplex lemma.
    pub components: SmallVec<[u8; 8]>,
    /// The byte offset of the head of a lemma that has no components, if `treff analyze` prints its two parts (see
    /// `opaque_split`).
    pub head_offset: Option<usize>,
    /// The key that is assembled from the components of a compound, if it differs from `Reading::key`.
    pub key: Option<SmolStr>,
}

impl CompoundInfo {
    /// How many compounds of the lexicon have the lemma as their head, as ln(1 + n).
    pub fn head_log_count(&self) -> f64 {
        f64::from(self.head) / 16.0
    }

    /// How many compounds of the lexicon have the lemma as their modifier with this link, as ln(1 + n).
    pub fn modifier_log_count(&self, link: Link) -> f64 {
        f64::from(self.modifier[link.index()]) / 16.0
    }
}

/// Looks up a lemma by its key (`Reading::key`).
pub fn compound_info(key: &str) -> CompoundInfo {
    let mut found = CompoundInfo::default();
    let Some(after_key) = COMPOUNDS.descend(COMPOUNDS.root(), key.as_bytes()).and_then(|node| COMPOUNDS.step(node, 0))
    else {
        return found;
    };
    COMPOUNDS.for_each_suffix(after_key.target, &mut |end| match end {
        [b'p', components @ ..] => {
            let mut fields = components.splitn(2, |byte| *byte == 1);
            found.components = fields.next().unwrap_or_default().into();
            found.key = fields.next().and_then(|key| std::str::from_utf8(key).ok()).map(SmolStr::new);
        }
        [b'w', offset] => found.head_offset = offset.checked_sub(ENCODED_ZERO).map(usize::from),
        [b'h', sixteenths] => found.head = sixteenths - ENCODED_ZERO,
        [link, sixteenths] => {
            if let Some(link) = [Link::None, Link::S, Link::E].into_iter().find(|known| known.letter() == *link) {
                found.modifier[link.index()] = sixteenths - ENCODED_ZERO;
            }
        }
        _ => {}
    });
    found
}

/// The linking element between the modifier and the head of a compound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    None,
    S,
    E,
    /// No letters, and one of three equal letters is dropped: buss+stopp is spelled busstopp.
    Dropped,
}

impl Link {
    pub const ALL: [Link; 4] = [Link::None, Link::S, Link::E, Link::Dropped];

    /// Its letter in `data/compounds.dawg`.
    fn letter(self) -> u8 {
        match self {
            Link::None | Link::Dropped => b'-',
            Link::S => b's',
            Link::E => b'e',
        }
    }

    fn index(self) -> usize {
        match self {
            Link::None | Link::Dropped => 0,
            Link::S => 1,
            Link::E => 2,
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Link::None | Link::Dropped => "",
            Link::S => "s",
            Link::E => "e",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_compounds_by_head_and_modifier() {
        assert!(
            compound_info("lov").head_log_count() > compound_info("telefon").head_log_count(),
            "more compounds should end in lov than in telefon"
        );
        let work = compound_info("arbeid");
        assert!(work.modifier_log_count(Link::S) > work.modifier_log_count(Link::None));
        assert_eq!(compound_info("xyzzy").head_log_count(), 0.0);
        assert!(!compound_info("barnehage").components.is_empty() && compound_info("rapport").components.is_empty());
    }
}
