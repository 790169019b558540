//! Benchmarks building and updating an index.
//!
//! Data: 1,000 and 10,000 generated pages (see `corpus`), the same bytes on every machine. Times include the fsync
//! calls of commits in the temporary folder. Throughput counts the bytes of the pages on disk.
//!
//! ```text
//! cargo bench --bench indexing
//! ```

mod corpus;

use std::path::{Path, PathBuf};
use std::time::Duration;

use corpus::{Corpus, Page};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use treff::index::{UpdateOptions, UpdateReport, update};

fn update_index(index: &Path, pages: &Path) -> UpdateReport {
    let paths: [PathBuf; 1] = [pages.to_path_buf()];
    let report = update(&UpdateOptions::new(index, &paths)).expect("the pages can be indexed");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report
}

fn build(index: &Path, corpus: &Corpus) -> UpdateReport {
    let count = corpus.pages.len() as u64;
    let report = update_index(index, corpus.dir.path());
    assert_eq!((report.pages, report.added, report.changed, report.removed), (count, count, 0, 0));
    assert!(report.passages >= count);
    assert!(report.dropped_lines >= count, "the menus of the pages should be dropped");
    report
}

fn bench_build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("index from scratch");
    // A build takes seconds, so each sample is one build; criterion's linear sampling would run many.
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_secs(1));
    for count in [1_000, 10_000] {
        let corpus = corpus::pages(count);
        let bytes: usize = corpus.pages.iter().map(|page| page.text().len()).sum();
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{count} pages")), |bencher| {
            bencher.iter_batched(
                || TempDir::new().expect("a temporary folder"),
                |index| {
                    let report = build(index.path(), &corpus);
                    assert_eq!(report.bytes, bytes as u64);
                    // Returned, so that removing the folder isn't measured.
                    index
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn bench_updates(criterion: &mut Criterion) {
    for count in [1_000, 10_000] {
        bench_updates_of(criterion, count);
    }
}

fn bench_updates_of(criterion: &mut Criterion, count: usize) {
    let corpus = corpus::pages(count);
    let index = TempDir::new().expect("a temporary folder");
    build(index.path(), &corpus);
    let mut group = criterion.benchmark_group("update");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);

    group.bench_function(BenchmarkId::new("nothing changed", format!("{count} pages")), |bencher| {
        bencher.iter(|| {
            let report = update_index(index.path(), corpus.dir.path());
            assert_eq!(report.pages, count as u64);
            assert_eq!((report.added, report.changed, report.removed, report.bytes), (0, 0, 0, 0));
        });
    });

    // Iterations alternately add a paragraph to the page and remove it. Each change writes a small segment, and some
    // updates merge segments, so the mean over many iterations is the amortized cost of a changed page.
    let page = corpus.path(count / 2);
    let original = corpus.pages[count / 2].text();
    let other = corpus.pages[0].body.split("\n\n").max_by_key(|block| block.len()).expect("a page with text");
    let longer =
        Page { body: format!("{}\n\n{other}", corpus.pages[count / 2].body), ..corpus.pages[count / 2].clone() }.text();
    let mut changes = 0;
    group.bench_function(BenchmarkId::new("one page changed", format!("{count} pages")), |bencher| {
        bencher.iter_batched(
            || {
                changes += 1;
                corpus::write(&page, if changes % 2 == 1 { &longer } else { &original }, changes);
            },
            |()| {
                let report = update_index(index.path(), corpus.dir.path());
                assert_eq!(report.pages, count as u64);
                assert_eq!((report.added, report.changed, report.removed), (0, 1, 0));
            },
            BatchSize::PerIteration,
        );
    });

    // Two updates: one adds the page, one removes it.
    let extra = corpus.path(count);
    group.bench_function(BenchmarkId::new("one page added, then removed", format!("{count} pages")), |bencher| {
        bencher.iter(|| {
            changes += 1;
            corpus::write(&extra, &format!("{longer}\n\n{changes}"), changes);
            let report = update_index(index.path(), corpus.dir.path());
            assert_eq!((report.added, report.changed, report.removed), (1, 0, 0));
            std::fs::remove_file(&extra).expect("the page that was just added");
            let report = update_index(index.path(), corpus.dir.path());
            assert_eq!((report.added, report.changed, report.removed), (0, 0, 1));
        });
    });
    group.finish();
}

criterion_group!(benches, bench_build, bench_updates);
criterion_main!(benches);
