//! Runs the commands that README.md and docs/ show, and compares what they print with what is shown.
//!
//! A `console` block contains commands after `$ ` and, below each command, the lines that it prints. A line with only
//! `…` matches any number of lines. Commands without output are in `sh` blocks, which are not run.

use crate::{TestEnv, repository};

/// A command in the documentation, with the lines below it.
struct ShownCommand {
    place: String,
    command: String,
    lines: Vec<String>,
}

fn shown_commands(name: &str) -> Vec<ShownCommand> {
    let text = std::fs::read_to_string(repository().join(name)).unwrap();
    let mut found: Vec<ShownCommand> = Vec::new();
    let mut is_console = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if is_console && let Some(command) = line.strip_prefix("$ ") {
            found.push(ShownCommand {
                place: format!("{name}:{}", index + 1),
                command: command.to_string(),
                lines: Vec::new(),
            });
        } else if is_console {
            found.last_mut().expect("a console block begins with a command").lines.push(line.to_string());
        }
    }
    found
}

/// Whether the printed lines are the shown ones, where `…` stands for any number of lines.
fn matches(shown: &[String], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, printed)| first == line && matches(rest, printed))
        }
    }
}

#[cfg(unix)]
#[test]
fn documentation_shows_what_is_printed() {
    let mut names = vec!["README.md".to_string()];
    for entry in std::fs::read_dir(repository().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    let env = TestEnv::indexed();
    let mut checked = 0;
    for ShownCommand { place, command, lines } in names.iter().flat_map(|name| shown_commands(name)) {
        // CI runs the commands of the README that start with `cargo`.
        if command.starts_with("cargo ") {
            continue;
        }
        assert!(command.starts_with("treff "), "{place}: only treff commands can be checked: {command}");
        let printed = env.shell(&command);
        let printed: Vec<&str> = printed.lines().collect();
        assert!(matches(&lines, &printed), "{place}: `{command}` prints:\n{}", printed.join("\n"));
        checked += 1;
    }
    assert!(checked >= 6, "only {checked} commands are shown");
}
