//! How fast is an index built, and how fast does it follow its pages?
//!
//! Data: 1,000 and 10,000 pages made up (see `corpus`), the same bytes on every machine; only the
//! times differ, and they include what the disk of the temporary folder takes to make a commit safe. Throughput
//! counts the bytes of the pages as they stand on disk.
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

fn bring_up_to_date(index: &Path, pages: &Path) -> UpdateReport {
    let paths: [PathBuf; 1] = [pages.to_path_buf()];
    let report = update(&UpdateOptions {
        index,
        paths: &paths,
        default_path: pages,
        rebuild: false,
        keep_all: false,
        lock_timeout: Duration::ZERO,
        progress: &|_| {},
    })
    .expect("pages that can be indexed");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    report
}

fn build(index: &Path, corpus: &Corpus) -> UpdateReport {
    let count = corpus.pages.len() as u64;
    let report = bring_up_to_date(index, corpus.dir.path());
    assert_eq!((report.pages, report.added, report.changed, report.removed), (count, count, 0, 0));
    assert!(report.passages >= count);
    assert!(report.dropped_lines >= count, "the menus of the pages should be cleaned away");
    report
}

fn from_scratch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("index from scratch");
    // A build takes seconds: one a sample is enough, and a plan that counts upwards would take many.
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
                    // Given back, for removing the folder is not a part of building.
                    index
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn following(criterion: &mut Criterion) {
    for count in [1_000, 10_000] {
        following_of(criterion, count);
    }
}

fn following_of(criterion: &mut Criterion, count: usize) {
    let corpus = corpus::pages(count);
    let index = TempDir::new().expect("a temporary folder");
    build(index.path(), &corpus);
    let mut group = criterion.benchmark_group("update");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);

    group.bench_function(BenchmarkId::new("nothing changed", format!("{count} pages")), |bencher| {
        bencher.iter(|| {
            let report = bring_up_to_date(index.path(), corpus.dir.path());
            assert_eq!(report.pages, count as u64);
            assert_eq!((report.added, report.changed, report.removed, report.bytes), (0, 0, 0, 0));
        });
    });

    // The page has one paragraph more in every other turn. Each change makes a small segment, and now and then
    // segments are merged: the mean over many turns is what a page costs in the long run.
    let page = corpus.path(count / 2);
    let as_it_was = corpus.pages[count / 2].text();
    let other = corpus.pages[0].body.split("\n\n").max_by_key(|block| block.len()).expect("a page with text");
    let longer =
        Page { body: format!("{}\n\n{other}", corpus.pages[count / 2].body), ..corpus.pages[count / 2].clone() }.text();
    let mut changes = 0;
    group.bench_function(BenchmarkId::new("one page changed", format!("{count} pages")), |bencher| {
        bencher.iter_batched(
            || {
                changes += 1;
                corpus::write(&page, if changes % 2 == 1 { &longer } else { &as_it_was }, changes);
            },
            |()| {
                let report = bring_up_to_date(index.path(), corpus.dir.path());
                assert_eq!(report.pages, count as u64);
                assert_eq!((report.added, report.changed, report.removed), (0, 1, 0));
            },
            BatchSize::PerIteration,
        );
    });

    // Two updates: the page comes, and goes again.
    let extra = corpus.path(count);
    group.bench_function(BenchmarkId::new("one page added, then removed", format!("{count} pages")), |bencher| {
        bencher.iter(|| {
            changes += 1;
            corpus::write(&extra, &format!("{longer}\n\n{changes}"), changes);
            let report = bring_up_to_date(index.path(), corpus.dir.path());
            assert_eq!((report.added, report.changed, report.removed), (1, 0, 0));
            std::fs::remove_file(&extra).expect("the page that was just added");
            let report = bring_up_to_date(index.path(), corpus.dir.path());
            assert_eq!((report.added, report.changed, report.removed), (0, 0, 1));
        });
    });
    group.finish();
}

criterion_group!(benches, from_scratch, following);
criterion_main!(benches);
