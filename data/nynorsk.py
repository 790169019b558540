"""Derives the Nynorsk counterparts of the forms of Bokmål lemmas from pairs, rules and paradigms.

There are three sources, and the first that has a lemma is used: the pairs of nynorsk.tsv, the systematic
correspondences of `counterparts`, and the spelling of Bokmål itself. Forms come from the Nynorsk paradigms of `nouns`,
`verbs` and `adjectives`; older forms that texts still use (a-infinitives, fyrst, born) are among them.
"""

import pathlib
import re
import sys

NOUN = "mfn"
VOWELS = "aeiouyæøå"
# If the first counterpart of a lemma is also a Bokmål word with another meaning, it is kept only if the weight of that
# word (how often it occurs in the running text of the dictionary) is at most this share of the lemma's weight.
MAX_OTHER_WEIGHT = 0.6


def group_of(cls):
    """The group of a class: the class without the gender."""
    return "n" if cls in NOUN else cls


def read_pairs():
    """Reads nynorsk.tsv: (Bokmål lemma, word class) → [(class, Nynorsk lemmas, further forms or a verb's paradigm)]."""
    found = {}
    path = pathlib.Path(__file__).resolve().parent / "nynorsk.tsv"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        columns = line.split("\t")
        if len(columns) not in (3, 4) or columns[1] not in ("m", "f", "n", "v", "a", "x"):
            sys.exit(f"{path.name}:{number}: expected Bokmål, class, Nynorsk and forms, separated by tabs: {line!r}")
        lemma, cls, counterparts = columns[:3]
        forms = columns[3].split() if len(columns) == 4 else []
        found.setdefault((lemma, group_of(cls)), []).append((cls, counterparts.split(","), forms))
    return found


def add_to(lexicon):
    """Adds the Nynorsk forms of every lemma to `lexicon.nynorsk`."""
    paired = set()
    for (lemma, group), entries in sorted(lexicon.pairs.items()):
        for key, cls in lexicon.keys_of(lemma, group):
            for nynorsk_class, spellings, forms in entries:
                kept = without_other_words(spellings, key, group, lexicon)
                if not kept:
                    continue
                paired.add((key, group))
                lexicon.add_spellings(kept, key, nynorsk_class)
                paradigm = lexicon.paradigms.get((key, cls), {})
                forms = forms if len(kept) == len(spellings) else kept_forms(kept, spellings, forms)
                add(lexicon, forms_of_pair(kept, nynorsk_class, forms, paradigm), key, nynorsk_class)
                if cls == "a":
                    # Pairs list the positive; the comparative and superlative are shared: større, største.
                    compared = {tag: found for tag, found in paradigm.items() if tag.startswith(("Cmp", "Sup"))}
                    add(lexicon, derived_forms(key, cls, compared, []), key, nynorsk_class)
    for (key, cls), paradigm in sorted(lexicon.paradigms.items()):
        if (key, group_of(cls)) not in paired:
            spellings = counterparts(key, cls, lexicon)
            if key.endswith("er") and is_agent(cls, paradigm):
                spellings.append(key[:-2] + "ar")
            lexicon.add_spellings(spellings, key, cls)
            add(lexicon, derived_forms(key, cls, paradigm, spellings), key, cls)


def add(lexicon, forms, key, cls):
    participle = stem_of(key) + "ende"
    for form in forms:
        # As in Bokmål, a present participle is a separate word: gjeldande, forebyggjande.
        if cls == "v" and form.endswith("ande") and len(form) > 5:
            for participle_key, _ in lexicon.spellings.get((participle, "a"), {(participle, "a")}):
                lexicon.add_nynorsk(form, participle_key, "a")
        else:
            lexicon.add_nynorsk(form, key, cls)


def without_other_words(spellings, key, group, lexicon):
    """Drops counterparts that are Bokmål words with another meaning, except the first if it is rarer than the lemma.
    Nynorsk may use klage for anklage, but in Bokmål klage means something else."""
    kept = []
    for place, spelling in enumerate(spellings):
        others = {other for other, _ in lexicon.spellings.get((spelling, group), ())} - {key}
        is_rarer = all(lexicon.weights[other] <= MAX_OTHER_WEIGHT * lexicon.weights[key] for other in others)
        if not others or place == 0 and is_rarer:
            kept.append(spelling)
    return kept


def kept_forms(kept, spellings, forms):
    """Returns the listed forms that belong to the kept counterparts, judging by their first letters."""
    left_out = [spelling for spelling in spellings if spelling not in kept]
    def shared(form, spelling):
        return next((at for at, (one, other) in enumerate(zip(form, spelling)) if one != other), min(len(form), len(spelling)))
    return [form for form in forms if form.startswith("@")
            or max(shared(form, spelling) for spelling in kept) > max(shared(form, spelling) for spelling in left_out)]


def forms_of_pair(counterparts, cls, forms, paradigm):
    """Returns the forms of the counterparts in a pair: the listed forms and those of the Nynorsk paradigms."""
    verb_class = next((form for form in forms if form.startswith("@")), None)
    listed = [form for form in forms if not form.startswith("@")]
    made = set(counterparts) | set(listed)
    for lemma in counterparts:
        if cls in NOUN:
            made |= nouns(lemma, cls)
        elif cls == "a":
            made |= adjectives(lemma)
        elif cls == "v" and not listed:
            past = {form for tag, found in paradigm.items() if tag == "Past" for form in found}
            made |= verbs(lemma, verb_class or verb_class_of(past))
    return made


def verb_class_of(past):
    """Returns the ending of the past tense as `nynorsk.tsv` marks it: `@a`, `@e` or `@de`."""
    if any(form.endswith(("et", "a")) for form in past) or not past:
        return "@a"
    return "@de" if any(form.endswith("de") for form in past) else "@e"


def stem_of(lemma):
    return lemma[:-1] if len(lemma) > 2 and lemma.endswith(("e", "a")) and lemma[-2] not in VOWELS else lemma


def contracted(lemma):
    """regel → regl, åker → åkr, sykkel → sykl: the stem of the plural of words in -el, -en, -er."""
    found = re.fullmatch(r"(.*[^aeiouyæøå])e([lnr])", lemma)
    if not found:
        return None
    stem, last = found.groups()
    if len(stem) > 1 and stem[-1] == stem[-2]:
        stem = stem[:-1]
    return stem + last


def nouns(lemma, cls):
    stem = stem_of(lemma)
    made = {lemma}
    if cls == "m":
        made.add(lemma + "n" if lemma.endswith("e") else lemma + "en")
        stems = [contracted(lemma)] if contracted(lemma) else [stem]
        if lemma.endswith(("ar", "er")):
            stems.append(stem)
        for stem in stems:
            made |= {stem + "ar", stem + "ane"}
            if not lemma.endswith("ar"):
                made |= {stem + "er", stem + "ene"}
    elif cls == "f":
        made |= {stem + "a", stem + "er", stem + "ene"}
        if lemma.endswith("ing"):
            made |= {stem + "ar", stem + "ane"}
    else:
        made |= {lemma + "t" if lemma.endswith("e") else lemma + "et", stem + "a"}
        if contracted(lemma):
            made.add(contracted(lemma) + "a")
    return made


def verbs(lemma, verb_class):
    stem = stem_of(lemma)
    base = stem[:-1] if stem.endswith("j") and len(stem) > 3 else stem
    made = {lemma, base + "ande", stem + "ande", stem + "ast", base + "ast"}
    if stem == lemma:
        return made | {lemma + end for end in ("r", "dde", "dd", "tt", "ande", "ast")}
    made |= {stem + "e", stem + "a", base}
    if verb_class == "@a":
        made |= {stem + "ar", stem + "a"}
    elif verb_class == "@e":
        short = base[:-1] if len(base) > 2 and base[-1] == base[-2] else base
        made |= {base + "er", base + "te", base + "t", short + "te", short + "t"}
    else:
        short = base[:-1] if len(base) > 2 and base[-1] == base[-2] else base
        made |= {base + "er", short + "de", short + "d", short + "t"}
    return made


def adjectives(lemma):
    made = {lemma, lemma + "e", lemma + "are", lemma + "ast", lemma + "aste"}
    if contracted(lemma):
        stem = contracted(lemma)
        made |= {stem + "e", stem + "are", stem + "ast", stem + "aste"}
    if lemma.endswith(("am", "om")):
        made |= {lemma + "me", lemma + "mare", lemma + "mast", lemma + "maste"}
    if len(lemma) > 3 and lemma[-1] == lemma[-2]:
        made.add(lemma[:-1] + "t")
    elif lemma.endswith("en"):
        made |= {lemma[:-1] + "t", lemma[:-2] + "i", lemma[:-1] + "e"}
    elif lemma[-1] in VOWELS:
        made |= {lemma + "tt", lemma + "t"}
    else:
        made.add(lemma + "t")
    return made


def counterparts(lemma, cls, lexicon):
    """Returns the Nynorsk spellings of a lemma by systematic correspondences; none if Nynorsk spells it the same."""
    def respelled(part, group):
        return [spelling for _, spellings, _ in lexicon.pairs.get((part, group), []) for spelling in spellings]

    found = []
    if cls in NOUN:
        if lemma.endswith("het") and len(lemma) > 5:
            stem = lemma[:-3]
            stems = respelled(stem, "a") or counterparts(stem, "a", lexicon) or [stem]
            for stem in stems:
                found += [stem + "heit", stem + "leik"]
            if lemma.endswith("somhet"):
                found.append(lemma[:-6] + "semd")
            if lemma.endswith("løshet"):
                found += [lemma[:-6] + "løyse", lemma[:-6] + "lausheit"]
        elif lemma.endswith("else") and len(lemma) > 6:
            stem = lemma[:-4]
            if (stem + "ing", "n") not in lexicon.spellings:
                found += [stem + "ing", stem + "sle"]
        elif lemma.endswith("tjeneste"):
            found.append(lemma[: -len("tjeneste")] + "teneste")
        elif cls != "n" and re.search("[^aeiouyæøås]sel$", lemma):
            # førsel → førsle
            found.append(lemma[:-2] + "le")
        elif lemma.endswith("dom") and lemma.startswith("syk"):
            found.append("sjuk" + lemma[3:])
    elif cls == "a":
        if lemma.endswith("lig") and len(lemma) > 4:
            found.append(lemma[:-3] + "leg")
        elif lemma.endswith("som") and len(lemma) > 5:
            found.append(lemma[:-3] + "sam")
        elif lemma.endswith("løs") and len(lemma) > 4:
            found.append(lemma[:-3] + "laus")
        elif lemma.endswith("ende") and len(lemma) > 5:
            found.append(lemma[:-4] + "ande")
    elif cls == "v":
        # bygge → byggje, søke → søkje
        if re.search(r"([eiyæø]|[eø]y|ei)(nk|ng|rk|rg|lg|lk|kk|gg|k|g|sk)e$", lemma):
            found.append(lemma[:-1] + "je")
    spellings = [lemma] + found
    for old, new in (("hv", "kv"), ("fore", "føre"), ("frem", "fram")):
        found += [new + spelling[len(old):] for spelling in spellings if spelling.startswith(old)]
    return [spelling for spelling in found if spelling != lemma]


def is_agent(cls, paradigm):
    """Whether a noun is inflected like lærer, which is lærar in Nynorsk."""
    return cls == "m" and any(form.endswith("ere") for form in paradigm.get("Plur Ind", ()))


def derived_forms(key, cls, paradigm, spellings):
    """Returns the Nynorsk forms of a lemma: those of the paradigms of its Nynorsk spellings, and its Bokmål forms,
    respelled where Nynorsk differs."""
    made = set()
    for spelling in spellings:
        if cls in NOUN:
            nynorsk_class = "f" if spelling.endswith(("ing", "sle", "heit", "semd", "løyse")) else "m" if spelling.endswith("leik") else cls
            made |= nouns(spelling, nynorsk_class)
        elif cls == "a":
            made |= adjectives(spelling) if not spelling.endswith("ande") else {spelling}
        elif cls == "v":
            past = paradigm.get("Past", ())
            made |= verbs(spelling, verb_class_of(past))
        else:
            made.add(spelling)
    for tag, forms in paradigm.items():
        for form in forms:
            made |= set(shared_or_respelled(form, tag, key, cls, paradigm))
    return made


def shared_or_respelled(form, tag, key, cls, paradigm):
    """Returns the Nynorsk forms of a Bokmål form: most are the same, but plurals and a-verbs change."""
    if cls in NOUN:
        plural = "Plur" in tag
        if is_agent(cls, paradigm):
            # lærer lærere lærerne → lærar lærarar lærarane
            found = re.fullmatch(r"(.*)er(en|e|ne)?", form)
            if found:
                ends = {None: "ar", "en": "aren", "e": "arar", "ne": "arane"}
                return [found[1] + ends[found[2]]] + ([] if plural else [form])
        if plural and (cls == "m" or key.endswith("ing")):
            if form.endswith("ene"):
                return [form[:-3] + "ane", form]
            if form.endswith("er"):
                return [form[:-2] + "ar", form]
        if cls == "n" and tag == "Plur Def" and form.endswith("ene"):
            return [form[:-3] + "a"]
        return [form]
    if cls == "v":
        weak_a = any(other.endswith(("et", "a")) for other in paradigm.get("Past", ()))
        if tag == "Inf":
            return [form, stem_of(form) + "a"]
        if "Pass" in tag and form.endswith("es"):
            return [form, form[:-2] + "ast"]
        if tag == "Pres" and form.endswith("er") and weak_a:
            return [form[:-2] + "ar", form]
        if form.endswith("et") and weak_a:
            return [form[:-2] + "a"]
        return [form]
    if cls == "a":
        if "Cmp" in tag and form.endswith("ere"):
            return [form[:-3] + "are", form]
        if "Sup" in tag and form.endswith(("est", "este")):
            return [re.sub("est(e?)$", r"ast\1", form), form]
        if form == key and form.endswith("ende"):
            return [form, form[:-4] + "ande"]
        return [form]
    return [form]
