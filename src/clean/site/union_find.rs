//! Union-find (disjoint sets) with path halving.

/// Disjoint sets of the numbers `0..len`. The root of a set is its smallest number, regardless of the order of the
/// unions.
pub struct UnionFind {
    parent: Vec<usize>,
}

impl UnionFind {
    /// Puts each number into a separate set.
    pub fn new(len: usize) -> UnionFind {
        UnionFind { parent: (0..len).collect() }
    }

    /// Merges the sets of two numbers.
    pub fn union(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parent[one.max(other)] = one.min(other);
    }

    /// The smallest number of the set that contains `member`.
    pub fn root(&mut self, mut member: usize) -> usize {
        while self.parent[member] != member {
            self.parent[member] = self.parent[self.parent[member]];
            member = self.parent[member];
        }
        member
    }
}
