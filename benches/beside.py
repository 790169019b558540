"""Compares treff with plain tantivy, SQLite FTS5 and ripgrep; benches/beside.sh runs it and lists what it needs.

Processes are measured by the resource usage that the system reports when they end: user and system time in microseconds,
peak memory, bytes read from disk. The compared processes alternate. Uses only Python's standard library.
"""

import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

TURNS = int(os.environ.get("TURNS", "3"))
PAGES = int(os.environ.get("PAGES", "100000"))
SCALE = int(os.environ.get("SCALE", "10"))
# Number of runs of processes that take only milliseconds.
SHORT_TURNS = 40
# Number of files per folder when each page is written to a file.
FILES_PER_FOLDER = 1000
# treff reads a file again if it was modified in the last few seconds, so the pages get an old modification time.
LONG_AGO = time.time() - 86400


def main():
    if sys.argv[1] == "sqlite-build":
        return sqlite_build(*sys.argv[2:])
    if sys.argv[1] == "sqlite-search":
        return sqlite_search(*sys.argv[2:])
    programs, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    comparison = Comparison(programs, work)
    comparison.prepare(sys.argv[3], sys.argv[4])
    steps = [comparison.builds, comparison.shell, comparison.cold]
    steps += [comparison.in_process, comparison.updates, comparison.larger]
    for step in steps:
        say(step.__doc__)
        step()
    comparison.print()


def say(text):
    print(text, file=sys.stderr, flush=True)


class Usage:
    """Resource usage of a process, in seconds and bytes."""

    def __init__(self, wall, usage):
        self.wall = wall
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024
        self.read = usage.ru_inblock * 512


def run(command, codes=(0,)):
    """Runs a command and discards its output; exits unless its exit code is one of `codes`."""
    to_devnull = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
    start = time.perf_counter()
    process = os.posix_spawnp(str(command[0]), [str(part) for part in command], os.environ, file_actions=to_devnull)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in codes:
        sys.exit(f"{command[0]}: exited with {os.waitstatus_to_exitcode(status)}; run it by hand: {command}")
    return Usage(wall, usage)


def run_alternately(commands, turns, before=lambda name: None):
    """Runs each command of a dictionary `turns` times, alternating between them, and returns {name: usages}."""
    usages = {name: [] for name in commands}
    for _ in range(turns):
        for name, command in commands.items():
            before(name)
            usages[name].append(run(command))
    return usages


def best(usages):
    return min(usage.cpu for usage in usages)


def median(usages):
    return statistics.median(usage.cpu for usage in usages)


def ms(seconds):
    return f"{seconds * 1000:.2f} ms"


def mb(count):
    return f"{count / 1e6:,.1f} MB"


def folder_size(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


class Comparison:
    def __init__(self, programs, work):
        # Measures a copy, like the one that `cargo install` makes. The linker writes its output piecemeal, which
        # scatters its pages in the page cache: run from there, a query takes 5 % longer.
        self.treff = pathlib.Path(shutil.copy(programs / "treff", work / "program"))
        self.corpus = programs / "examples/corpus"
        self.latency_program = programs / "examples/beside_tantivy"
        self.work = work
        self.index = work / "indexes/treff"
        self.rows = []
        self.missing = []
        self.rg = self.find_program("rg", "ripgrep")
        self.valgrind = self.find_program("valgrind", "valgrind")
        self.find = self.find_program("find", "findutils")
        self.sqlite = sqlite_version()
        if not self.sqlite:
            self.missing.append("SQLite FTS5: python3's sqlite3 module lacks it; apt-get install python3 libsqlite3-0")

    def find_program(self, program, package):
        path = shutil.which(program)
        if not path:
            self.missing.append(f"{program}: apt-get install {package}")
        return path

    def row(self, what, treff, other="", ratio=None):
        self.rows.append((what, treff, other, "" if ratio is None else f"{ratio:.3g}"))

    def prepare(self, pages, queries):
        """Reads or generates the pages, and writes each to a separate file as well."""
        if not pages or not queries:
            say(f"generating {PAGES:,} pages")
            run([self.corpus, "--pages", PAGES, "--out", self.work / "made"])
        self.is_generated = not pages
        self.pages = pathlib.Path(pages or self.work / "made/pages.jsonl")
        self.queries = pathlib.Path(queries or self.work / "made/queries.jsonl")
        self.files = self.work / "files"
        self.count = self.text = 0
        say("writing a file for each page")
        with open(self.pages, encoding="utf-8") as lines:
            for line in lines:
                title, text = title_and_text(json.loads(line))
                self.text += len((title + text).encode())
                if self.count % FILES_PER_FOLDER == 0:
                    (self.files / f"{self.count // FILES_PER_FOLDER:04}").mkdir(parents=True, exist_ok=True)
                self.write(self.page_file(self.count), f"{title}\n\n{text}\n")
                self.count += 1
        with open(self.queries, encoding="utf-8") as lines:
            queries = [json.loads(line) for line in lines]
        first_query = lambda *classes: next((it["q"] for it in queries if it["cls"] in classes), queries[0]["q"])
        self.word = os.environ.get("WORD") or first_query("named", "term_mid")
        self.words = os.environ.get("WORDS") or first_query("or3")

    def page_file(self, number):
        return self.files / f"{number // FILES_PER_FOLDER:04}/{number:07}.txt"

    def write(self, path, text, age=0):
        path.write_text(text, encoding="utf-8")
        os.utime(path, (LONG_AGO + age, LONG_AGO + age))

    def builds(self):
        """Building the indexes"""
        indexes = self.work / "indexes"
        commands = {
            "treff": [self.treff, "--index", self.index, "index", self.pages],
            "tantivy": [self.latency_program, self.pages, "--index-dir", indexes],
        }
        folders = {"treff": self.index, "tantivy": indexes / "tantivy"}
        if self.sqlite:
            commands["SQLite"] = [sys.executable, __file__, "sqlite-build", self.pages, self.work / "sqlite/db"]
            folders["SQLite"] = self.work / "sqlite"

        def clear(name):
            shutil.rmtree(folders[name], ignore_errors=True)
            folders[name].mkdir(parents=True)

        usages_by_name = run_alternately(commands, TURNS, clear)
        self.build = usages_by_name["treff"]
        others = {
            "tantivy": "tantivy, one stemmed field, text stored",
            "SQLite": "SQLite FTS5, unicode61, including reading the pages",
        }
        for name, what in others.items():
            if name in usages_by_name:
                ratio = median(self.build) / median(usages_by_name[name])
                cpu = f"{median(self.build):.1f} s", f"{median(usages_by_name[name]):.1f} s"
                self.row(f"indexing, CPU (median of {TURNS}), vs. {what}", *cpu, ratio)
        busy = statistics.median(usage.cpu / usage.wall for usage in self.build)
        self.row(f"busy cores while indexing, of {os.cpu_count()}", f"{busy:.2f}")
        sizes = {name: folder_size(folder) for name, folder in folders.items()}
        self.row("size of the index, vs. the text", mb(sizes["treff"]), mb(self.text), sizes["treff"] / self.text)
        for name in others:
            if name in usages_by_name:
                ratio = sizes["treff"] / sizes[name]
                self.row(f"size of the index, vs. {name} with the text", mb(sizes["treff"]), mb(sizes[name]), ratio)
        memory = {name: statistics.median(usage.memory for usage in usages) for name, usages in usages_by_name.items()}
        for name in others:
            if name in usages_by_name:
                what = f"peak memory while indexing, including mapped files, vs. {name}"
                self.row(what, mb(memory["treff"]), mb(memory[name]), memory["treff"] / memory[name])

    def search_command(self, text):
        return [self.treff, "--index", self.index, "search", "--color=never", "--limit", "10", "--", text]

    def sqlite_command(self, text):
        return [sys.executable, __file__, "sqlite-search", self.work / "sqlite/db", text]

    def shell(self):
        """Queries from the shell"""
        commands = {"one": self.search_command(self.word), "three": self.search_command(self.words)}
        if self.rg:
            commands["rg"] = [self.rg, "--version"]
        usages_by_name = run_alternately(commands, SHORT_TURNS + 1)
        # The first run of each command warms the caches.
        usages_by_name = {name: usages[1:] for name, usages in usages_by_name.items()}
        for name, what in (("one", f"one word (`{self.word}`)"), ("three", f"three words (`{self.words}`)")):
            for statistic, compute in (("best", best), ("median", median)):
                value = compute(usages_by_name[name])
                other = compute(usages_by_name["rg"]) if self.rg else None
                self.row(f"{what}, ten snippets, from the shell, CPU ({statistic} of {SHORT_TURNS}), vs. `rg --version`",
                         ms(value), ms(other) if other else "", value / other if other else None)
        if self.rg:
            # Exit code 1 means no match.
            rg_usages = [run([self.rg, "--count", "--ignore-case", self.word, self.files], (0, 1)) for _ in range(TURNS)]
            ratio = median(usages_by_name["one"]) / median(rg_usages)
            what = f"one word, CPU, vs. `rg` over the files (median of {TURNS})"
            self.row(what, ms(median(usages_by_name["one"])), ms(median(rg_usages)), ratio)
        if self.valgrind:
            count = self.instructions(self.search_command(self.word))
            other = self.instructions([self.rg, "--version"]) if self.rg else None
            self.row("instructions for one word, vs. `rg --version`", f"{count / 1e6:,.2f} million",
                     f"{other / 1e6:,.2f} million" if other else "", count / other if other else None)

    def instructions(self, command):
        command = [self.valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null"] + [str(part) for part in command]
        output = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
        collected = re.search(r"Collected : (\d+)", output)
        if not collected:
            sys.exit(f"{self.valgrind}: no instruction count in its output: {output.strip()[-500:]}")
        return int(collected[1])

    def cold(self):
        """Reading from the disk"""
        # The system reads ahead: a read of a file also fetches a number of bytes after it.
        disk = self.work.stat().st_dev
        ahead = pathlib.Path(f"/sys/class/bdi/{os.major(disk)}:{os.minor(disk)}/read_ahead_kb")
        note = f" (the system reads {ahead.read_text().strip()} kB ahead)" if ahead.exists() else ""
        what = f"one word with a cold page cache, bytes read{note}"
        read = self.read_cold(self.search_command(self.word), self.index)
        if not read:
            self.missing.append(f"bytes read from the disk: {self.work} is in memory; set KEEP to a folder on a disk")
            return
        if not self.sqlite:
            return self.row(what, mb(read))
        other = self.read_cold(self.sqlite_command(self.word), self.work / "sqlite")
        self.row(f"{what}, vs. SQLite", mb(read), mb(other), read / other if other else None)

    def read_cold(self, command, folder):
        run(command)
        os.sync()
        for path in folder.rglob("*"):
            if path.is_file():
                with open(path, "rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return run(command).read

    def in_process(self):
        """Queries in one process"""
        command = [self.latency_program, self.pages, self.queries, "--index-dir", self.work / "indexes", "--json"]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        self.classes = json.loads(output.stdout)
        sqlite = {}
        if self.sqlite:
            output = subprocess.run([*self.sqlite_command(""), self.queries], check=True, stdout=subprocess.PIPE)
            sqlite = json.loads(output.stdout)
        if self.classes["snippets"]:
            self.row("ten snippets, warm, p50", f"{self.classes['snippets']['p50']:.3f} ms")
        for name, times in self.classes["classes"].items():
            for share in ("p50", "p99"):
                plain = times["tantivy"][share]
                for key, what in (("ids", "ten ids"), ("treff", "ten snippets")):
                    value = times[key][share]
                    what = f"`{name}`, {what} in a process, {share}, vs. tantivy's ten ids"
                    self.row(what, f"{value:.3f} ms", f"{plain:.3f} ms", value / plain)
            if name in sqlite:
                treff, other = times["treff"]["p50"], sqlite[name]["p50"]
                self.row(f"`{name}`, in a process, p50, vs. SQLite's ten snippets", f"{treff:.3f} ms", f"{other:.3f} ms", treff / other)
        mixed = self.classes["mixed"]
        self.row("mixed queries per CPU second, with snippets, vs. tantivy's ids", f"{mixed['treff']:,.0f}",
                 f"{mixed['tantivy']:,.0f}", mixed["treff"] / mixed["tantivy"])

    def updates(self):
        """Updating after changes"""
        index = self.work / "updates"
        update = [self.treff, "--index", index, "index", self.files]
        shutil.rmtree(index, ignore_errors=True)
        full = run(update)
        self.row(f"indexing {self.count:,} files, CPU", f"{full.cpu:.1f} s")
        commands = {"treff": update}
        if self.find:
            commands["find"] = [self.find, self.files, "-type", "f", "-printf", r"%s %T@\n"]
        usages_by_name = run_alternately(commands, 2 * TURNS + 1)
        value = median(usages_by_name["treff"][1:])
        if self.find:
            other = median(usages_by_name["find"][1:])
            self.row(f"nothing changed in {self.count:,} files, CPU, vs. `find -printf '%s %T@'`", ms(value), ms(other), value / other)
        else:
            self.row(f"nothing changed in {self.count:,} files, CPU", ms(value))
        usages_by_change = {"added": [], "changed": [], "removed": []}
        other_text = self.page_file(self.count // 3).read_text(encoding="utf-8")
        extra = self.page_file(0).with_name("extra.txt")
        for turn in range(TURNS):
            self.write(extra, f"En side til, nummer {turn}\n\n{other_text}", turn)
            usages_by_change["added"].append(run(update))
            changed = self.page_file(self.count // 2)
            self.write(changed, f"{changed.read_text(encoding='utf-8')}\n\nHer står det mer, for {turn + 1}. gang.\n", turn + 1)
            usages_by_change["changed"].append(run(update))
            extra.unlink()
            usages_by_change["removed"].append(run(update))
        for what, usages in usages_by_change.items():
            self.row(f"one page {what}, CPU, vs. a full build", ms(median(usages)), f"{full.cpu:.1f} s", median(usages) / full.cpu)
        shutil.rmtree(index)

    def larger(self):
        """A larger index"""
        if not SCALE:
            return
        small = self.work / "made"
        if not (small / "pages.jsonl").exists():
            run([self.corpus, "--pages", PAGES, "--out", small])
        large = self.work / "larger"
        run([self.corpus, "--pages", PAGES * SCALE, "--out", large])
        costs, times = {}, {}
        for folder, pages in ((small, PAGES), (large, PAGES * SCALE)):
            shutil.rmtree(folder / "treff", ignore_errors=True)
            (folder / "treff").mkdir()
            usage = run([self.treff, "--index", folder / "treff", "index", folder / "pages.jsonl"])
            costs[folder] = usage.cpu / pages
            command = [self.latency_program, folder / "pages.jsonl", small / "queries.jsonl", "--index-dir", folder, "--treff-only", "--json"]
            times[folder] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        sizes = f"{PAGES * SCALE:,} pages, vs. {PAGES:,} of them"
        self.row(f"indexing, CPU per page, {sizes}", f"{costs[large] * 1e6:.0f} µs", f"{costs[small] * 1e6:.0f} µs", costs[large] / costs[small])
        medians = {folder: measured["all"]["treff"]["p50"] for folder, measured in times.items()}
        self.row(f"all queries, p50, {sizes}", f"{medians[large]:.3f} ms", f"{medians[small]:.3f} ms", medians[large] / medians[small])
        for name, measured in times[large]["classes"].items():
            treff, other = measured["treff"]["p50"], times[small]["classes"][name]["treff"]["p50"]
            self.row(f"`{name}`, p50, {sizes}", f"{treff:.3f} ms", f"{other:.3f} ms", treff / other)

    def print(self):
        print(f"{datetime.date.today()}; {machine()}; {self.versions()}.\n")
        print(f"{self.count:,} pages, {self.text / 1e6:.0f} MB of text{', generated' if self.is_generated else ''}.\n")
        print("| Measured | treff | other | ratio |\n| --- | --- | --- | --- |")
        for row in self.rows:
            print(f"| {' | '.join(row)} |")
        for line in self.missing:
            print(f"\nSkipped: {line}")

    def versions(self):
        versions = [version([self.treff, "--version"])]
        if self.rg:
            versions.append(version([self.rg, "--version"]))
        if self.sqlite:
            versions.append(f"SQLite {self.sqlite}")
        lock = (pathlib.Path(__file__).parent.parent / "Cargo.lock").read_text(encoding="utf-8")
        versions.append("tantivy " + re.search(r'name = "tantivy"\nversion = "([^"]+)"', lock)[1])
        return ", ".join(versions)


def version(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]


def machine():
    """The processor, its cores, the memory and the system."""
    cpu = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    return f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, {system}"


def sqlite_version():
    """The version of python3's SQLite; `None` if there is none or it lacks FTS5."""
    try:
        import sqlite3

        sqlite3.connect(":memory:").execute("create virtual table pages using fts5(text)")
        return sqlite3.sqlite_version
    except Exception:
        return None


def sqlite_build(pages, database):
    """Creates an FTS5 table with title and text, filled in one transaction."""
    import sqlite3

    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("create virtual table pages using fts5(title, text, tokenize='unicode61')")
    with open(pages, encoding="utf-8") as lines:
        rows = (title_and_text(json.loads(line)) for line in lines)
        connection.execute("begin")
        connection.executemany("insert into pages values (?, ?)", rows)
        connection.execute("commit")


def title_and_text(page):
    return page.get("title") or "", page.get("text") or ""


SELECT = """select rowid, snippet(pages, 1, '', '', '…', 32) from pages where pages match ? order by rank limit 10"""


def sqlite_search(database, text, queries=None):
    """Runs one query, or all queries of a file. For a file, prints {class: {p50, p99}} in milliseconds; the time of a
    query is the best of seven runs."""
    import sqlite3

    connection = sqlite3.connect(database)
    if not queries:
        return connection.execute(SELECT, [as_fts5("parse", text)]).fetchall()
    times = {}
    with open(queries, encoding="utf-8") as lines:
        for query in map(json.loads, lines):
            expression = as_fts5(query.get("kind", "parse"), query["q"])
            if not expression:
                continue
            fastest = float("inf")
            for _ in range(7):
                start = time.perf_counter()
                connection.execute(SELECT, [expression]).fetchall()
                fastest = min(fastest, time.perf_counter() - start)
            times.setdefault(query["cls"], []).append(fastest * 1000)
    at = lambda values, share: sorted(values)[round((len(values) - 1) * share)]
    print(json.dumps({name: {"p50": at(values, 0.5), "p99": at(values, 0.99)} for name, values in times.items()}))


def as_fts5(kind, text):
    """Translates a query (any of its words, all of them, a phrase or a prefix) to FTS5; `None` if FTS5 has no such
    queries."""
    words = [f'"{word}"' for word in re.findall(r"\w+", text)]
    if kind == "prefix":
        return f"{words[0]}*"
    if kind != "parse" or not words:
        return None
    if text.startswith('"'):
        return '"' + " ".join(re.findall(r"\w+", text)) + '"'
    return (" AND " if "+" in text else " OR ").join(words)


if __name__ == "__main__":
    main()
