//! Runs the steps of `data/lexicon.py` that are written in Rust.
//!
//! - `lexicon dawg FILE` reads sorted lines and writes them to the file as a DAWG (`src/norwegian/lexicon/dawg.rs`).
//! - `lexicon compounds` reads lines of a word class, a weight (how often the lemma is used) and a lemma, such as
//!   `F 12.05 taushetsplikt`. For each lemma that is split it prints the class, the lemma, its canonical key, and its
//!   split as encoded in `data/compounds.dawg`. Lemmas of the class X are not split.
//! - `lexicon prefixes` prints the lines of `data/prefixes.dawg`, which are derived from the other data files.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, BufRead, BufWriter, Write};
use std::{env, fs, process};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        process::exit(2);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["dawg", file] => dawg(file),
        ["compounds"] => compounds(),
        ["prefixes"] => prefixes(),
        _ => Err("usage: lexicon dawg FILE < LINES, lexicon compounds < LEMMAS, or lexicon prefixes".into()),
    }
}

/// An arc before it is written: label, whether a string ends after it, target.
type Arc = (u8, bool, u32);

/// Builds a minimal acyclic automaton from sorted strings incrementally (Daciuk et al., 2000): nodes that can no longer
/// change are written at once.
struct DawgBuilder {
    /// The arcs written so far, each as in the file.
    encoded_arcs: Vec<u32>,
    /// The nodes written so far, by their arcs.
    written: HashMap<Vec<Arc>, u32>,
    /// The number of strings that continue from each written node.
    string_counts: HashMap<u32, u32>,
    /// The nodes of the last string, starting at the root.
    open: Vec<Vec<Arc>>,
    last: Vec<u8>,
}

impl DawgBuilder {
    fn add(&mut self, line: &[u8]) -> Result<(), String> {
        let shared = line.iter().zip(&self.last).take_while(|(one, other)| one == other).count();
        if shared == line.len() || self.last.get(shared) > line.get(shared) {
            return Err(format!("not sorted: {:?}", String::from_utf8_lossy(line)));
        }
        self.close(shared)?;
        for (at, label) in line.iter().enumerate().skip(shared) {
            self.open[at].push((*label, at + 1 == line.len(), 0));
            self.open.push(Vec::new());
        }
        self.last = line.to_vec();
        Ok(())
    }

    /// Writes the open nodes below `depth`.
    fn close(&mut self, depth: usize) -> Result<(), String> {
        while self.open.len() > depth + 1 {
            let node = self.open.pop().unwrap_or_default();
            let target = self.write(node)?;
            if let Some(arc) = self.open.last_mut().and_then(|node| node.last_mut()) {
                arc.2 = target;
            }
        }
        Ok(())
    }

    fn write(&mut self, node: Vec<Arc>) -> Result<u32, String> {
        if node.is_empty() {
            return Ok(0);
        }
        if let Some(known) = self.written.get(&node) {
            return Ok(*known);
        }
        let index = u32::try_from(self.encoded_arcs.len()).ok().filter(|index| *index < 1 << 22);
        let index = index.ok_or("too many arcs for an index of 22 bits")?;
        // Arcs are searched one by one, so those that most strings pass through come first.
        let strings = |arc: &Arc| u32::from(arc.1) + self.string_counts.get(&arc.2).copied().unwrap_or(0);
        let mut by_use = node.clone();
        by_use.sort_by_key(|arc| (Reverse(strings(arc)), arc.0));
        let total = node.iter().map(strings).sum();
        for (position, (label, is_final, target)) in by_use.into_iter().enumerate() {
            let is_last = position + 1 == node.len();
            self.encoded_arcs
                .push(u32::from(label) << 24 | u32::from(is_final) << 23 | u32::from(is_last) << 22 | target);
        }
        self.string_counts.insert(index, total);
        self.written.insert(node, index);
        Ok(index)
    }
}

fn dawg(file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut graph = DawgBuilder {
        encoded_arcs: vec![0],
        written: HashMap::new(),
        string_counts: HashMap::new(),
        open: vec![Vec::new()],
        last: Vec::new(),
    };
    for line in io::stdin().lock().split(b'\n') {
        graph.add(&line?)?;
    }
    graph.close(0)?;
    let root = graph.open.pop().unwrap_or_default();
    graph.encoded_arcs[0] = graph.write(root)?;
    let mut out = BufWriter::new(fs::File::create(file)?);
    for arc in graph.encoded_arcs {
        out.write_all(&arc.to_le_bytes())?;
    }
    Ok(out.flush()?)
}

fn compounds() -> Result<(), Box<dyn std::error::Error>> {
    let lines = io::stdin().lock().lines().collect::<Result<Vec<String>, _>>()?;
    let mut lemmas: Vec<(char, &str)> = Vec::new();
    let mut weights: HashMap<&str, f64> = HashMap::new();
    for line in &lines {
        let mut columns = line.splitn(3, ' ');
        let (Some(class), Some(weight), Some(lemma)) = (columns.next(), columns.next(), columns.next()) else {
            return Err(format!("expected a class, a weight and a lemma: {line}").into());
        };
        let best = weights.entry(lemma).or_default();
        *best = best.max(weight.parse()?);
        lemmas.extend(class.chars().next().filter(|class| *class != 'X').map(|class| (class, lemma)));
    }
    let weight = |lemma: &str| weights.get(lemma).copied().unwrap_or(0.0);
    let mut out = BufWriter::new(io::stdout().lock());
    for (class, lemma) in lemmas {
        if let Some((key, split)) = treff::norwegian::encoded_split(lemma, class, &weight) {
            write!(out, "{class} {lemma} {key} ")?;
            out.write_all(&split)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(out.flush()?)
}

fn prefixes() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    out.write_all(&treff::norwegian::prefix_lines().join(&b'\n'))?;
    Ok(out.flush()?)
}
