//! `action.yml`: its steps are run as GitHub's runner runs those of a composite action.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::support::cli::Cli;
use super::{BAD, GOOD, META, program_folder, repository, root, search_path, succeed, text, tool, yaml};

/// One use of the action.
struct Job<'a> {
    repository: &'a Cli,
    inputs: BTreeMap<&'a str, String>,
    /// The runner's folder for temporary files.
    temp: PathBuf,
    /// Whether the cache has what the action asks for.
    cached: bool,
}

/// What the steps of a use did.
#[derive(Default)]
struct Done {
    /// `steps.ID.outputs.NAME`.
    outputs: BTreeMap<String, String>,
    /// The names of the steps that ran.
    ran: Vec<String>,
    /// The exit code of the last one.
    code: i32,
    /// What they printed.
    printed: String,
    summary: String,
}

impl<'a> Job<'a> {
    fn new(repository: &'a Cli, inputs: &[(&'a str, &str)]) -> Job<'a> {
        let given = yaml("action.yml").remove(0);
        let known = given["inputs"].as_object().unwrap();
        assert!(inputs.iter().all(|(name, _)| known.contains_key(*name)), "{inputs:?}");
        let temp = repository.root().join(".runner");
        std::fs::create_dir_all(&temp).unwrap();
        let inputs = inputs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Job { repository, inputs, temp, cached: false }
    }

    /// With the program that is tested.
    fn tested(repository: &'a Cli, inputs: &[(&'a str, &str)]) -> Job<'a> {
        let mut job = Job::new(repository, inputs);
        job.inputs.insert("program", program_folder().join("reguid").to_str().unwrap().to_owned());
        job
    }

    fn run(&self) -> Done {
        let action = yaml("action.yml").remove(0);
        assert_eq!(action["runs"]["using"], "composite");
        let mut done = Done::default();
        for step in action["runs"]["steps"].as_array().unwrap() {
            let known = ["name", "id", "if", "uses", "with", "shell", "env", "run", "working-directory"];
            let odd: Vec<&String> = step.as_object().unwrap().keys().filter(|key| !known.contains(&key.as_str())).collect();
            assert!(odd.is_empty(), "this test knows nothing of {odd:?}");
            if step["if"].as_str().is_some_and(|condition| !self.holds(&action, &done, condition)) {
                continue;
            }
            done.ran.push(step["name"].as_str().unwrap().to_owned());
            let id = step["id"].as_str().unwrap_or_default();
            if let Some(uses) = step["uses"].as_str() {
                let restores = uses.starts_with("actions/cache/restore@");
                assert!(restores || uses.starts_with("actions/cache/save@"), "{uses}");
                let path = self.filled(&action, &done, step["with"]["path"].as_str().unwrap());
                assert_eq!(path, self.temp.join("reguid").to_str().unwrap());
                let key = self.filled(&action, &done, step["with"]["key"].as_str().unwrap());
                assert!(key.starts_with("reguid-Linux-X64-") && !key.contains("--"), "a part of the key is empty: {key}");
                if restores {
                    done.outputs.insert(format!("steps.{id}.outputs.cache-hit"), self.cached.to_string());
                    done.outputs.insert(format!("steps.{id}.outputs.cache-primary-key"), key);
                }
                continue;
            }
            self.step(&action, step, id, &mut done);
            if done.code != 0 {
                break;
            }
        }
        done
    }

    fn step(&self, action: &Value, step: &Value, id: &str, done: &mut Done) {
        assert_eq!(step["shell"], "bash");
        let folder = step["working-directory"].as_str().map_or(".".to_owned(), |folder| self.filled(action, done, folder));
        let (script, output, summary) = (self.temp.join("step.sh"), self.temp.join("output"), self.temp.join("summary"));
        std::fs::write(&script, step["run"].as_str().unwrap()).unwrap();
        std::fs::write(&output, "").unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&script).current_dir(self.repository.root().join(folder));
        command.env_clear().env("PATH", search_path(false)).env("HOME", std::env::var_os("HOME").unwrap());
        for name in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs([("CI", "true"), ("GITHUB_ACTIONS", "true"), ("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64")]);
        command.env("GITHUB_WORKSPACE", self.repository.root()).env("RUNNER_TEMP", &self.temp);
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, self.filled(action, done, value.as_str().unwrap()));
        }
        let ran = command.output().unwrap();
        done.code = ran.status.code().unwrap();
        done.printed += &text(&ran);
        done.summary = std::fs::read_to_string(&summary).unwrap_or_default();
        for line in std::fs::read_to_string(&output).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            done.outputs.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }

    /// A text with its expressions replaced.
    fn filled(&self, action: &Value, done: &Done, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, after) = after.split_once("}}").unwrap();
            filled += before;
            filled += &self.value(action, done, expression.trim());
            rest = after;
        }
        filled + rest
    }

    fn value(&self, action: &Value, done: &Done, expression: &str) -> String {
        if let Some(name) = expression.strip_prefix("inputs.") {
            let input = &action["inputs"][name];
            assert!(input.is_object(), "there is no input {name}");
            return self.inputs.get(name).cloned().unwrap_or_else(|| input["default"].as_str().unwrap().to_owned());
        }
        match expression {
            "github.action_path" => root().to_str().unwrap().to_owned(),
            "runner.temp" => self.temp.to_str().unwrap().to_owned(),
            "runner.os" => "Linux".to_owned(),
            "runner.arch" => "X64".to_owned(),
            _ if expression.starts_with("steps.") => done.outputs.get(expression).cloned().unwrap_or_default(),
            _ => panic!("this test knows nothing of {expression}"),
        }
    }

    /// Whether a condition holds: comparisons with texts, joined by `&&`.
    fn holds(&self, action: &Value, done: &Done, condition: &str) -> bool {
        condition.split("&&").all(|part| {
            let (equal, sides) = match part.split_once("!=") {
                Some(sides) => (false, sides),
                None => (true, part.split_once("==").unwrap()),
            };
            let literal = sides.1.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap();
            (self.value(action, done, sides.0.trim()) == literal) == equal
        })
    }
}

#[test]
fn it_is_without_fault() {
    let action = root().join("action.yml");
    succeed(tool("check-jsonschema").args(["--builtin-schema", "vendor.github-actions"]).arg(&action));
    // Unpinned actions, inputs inside of scripts and the like.
    succeed(tool("zizmor").args(["--offline", "--no-progress", "--persona", "pedantic"]).arg(&action));
    let action = yaml("action.yml").remove(0);
    let names = action["inputs"].as_object().unwrap().keys().map(|name| format!("inputs.{name}")).collect::<Vec<_>>();
    let all = std::fs::read_to_string(root().join("action.yml")).unwrap();
    assert!(names.iter().all(|name| all.contains(&format!("${{{{ {name} }}}}"))), "an input that nothing takes: {names:?}");
}

#[test]
fn findings_are_annotated_and_fail() {
    let repository = repository(BAD);
    let done = Job::tested(&repository, &[("sarif", "reguid.sarif")]).run();
    assert_eq!((done.code, done.ran), (1, vec!["Lint".to_owned()]), "{}", done.printed);
    assert_eq!(done.outputs["steps.lint.outputs.exit-code"], "1");
    assert!(done.printed.contains("::error file=extension/plib/library/Last.php,line=1,"), "{}", done.printed);
    assert!(done.summary.contains("raw-id-in-setting-key"), "{}", done.summary);
    assert_eq!(done.outputs["steps.lint.outputs.sarif"], "reguid.sarif");
    let sarif: Value = serde_json::from_str(&repository.read("reguid.sarif")).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(location, "extension/plib/library/Last.php");
}

#[test]
fn what_is_clean_passes() {
    let repository = repository(GOOD);
    let done = Job::tested(&repository, &[]).run();
    assert_eq!((done.code, done.outputs["steps.lint.outputs.exit-code"].as_str()), (0, "0"), "{}", done.printed);
}

#[test]
fn paths_and_arguments_may_hold_spaces() {
    let repository = repository(BAD);
    repository.file("an other/meta.xml", META.replace("sample", "other")).file("an other/plib/library/Last.php", BAD);
    let one = Job::tested(&repository, &[("paths", "an other\n")]).run();
    assert!(one.code == 1 && one.printed.contains("file=an other/plib") && !one.printed.contains("file=extension/"), "{}", one.printed);
    let both = Job::tested(&repository, &[("paths", "extension\nan other"), ("args", "--baseline\na file.json\n--baseline-write")]).run();
    assert_eq!(both.code, 0, "{}", both.printed);
    let known = Job::tested(&repository, &[("args", "--baseline\na file.json")]).run();
    assert_eq!(known.code, 0, "{}", known.printed);
    let inside = Job::tested(&repository, &[("working-directory", "an other"), ("sarif", "x.sarif")]).run();
    assert_eq!((inside.code, inside.outputs["steps.lint.outputs.sarif"].as_str()), (1, "an other/x.sarif"), "{}", inside.printed);
    assert!(repository.root().join("an other/x.sarif").exists());
}

#[test]
fn wrong_inputs_are_named() {
    let repository = repository(GOOD);
    for (inputs, said) in [
        (&[("program", "/no/reguid")][..], "The input program is /no/reguid"),
        (&[("sarif", "out.json")], "The input sarif is out.json"),
        (&[("paths", "nowhere")], "nowhere"),
        (&[("paths", "--exit-zero")], "--exit-zero"),
        (&[("args", "--formt\njson")], "--formt"),
    ] {
        let mut job = Job::tested(&repository, &[]);
        job.inputs.extend(inputs.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let done = job.run();
        assert!(done.code == 2 && done.printed.contains(said), "{inputs:?}: {}: {}", done.code, done.printed);
    }
}

#[test]
fn what_is_in_the_cache_is_used() {
    let repository = repository(BAD);
    let mut job = Job::new(&repository, &[]);
    std::fs::create_dir_all(job.temp.join("reguid/bin")).unwrap();
    std::os::unix::fs::symlink(program_folder().join("reguid"), job.temp.join("reguid/bin/reguid")).unwrap();
    job.cached = true;
    let done = job.run();
    assert_eq!(
        (done.code, done.ran),
        (1, ["Name the build", "Look into the cache", "Lint"].map(str::to_owned).to_vec()),
        "{}",
        done.printed
    );
}

/// Another source is another key, and the same source the same.
#[test]
fn the_key_names_the_source() {
    let repository = repository(GOOD);
    let mut job = Job::new(&repository, &[]);
    job.cached = true;
    let keys = [job.run(), job.run()].map(|done| done.outputs["steps.build.outputs.key"].clone());
    assert!(keys[0] == keys[1] && keys[0].len() > 32, "{keys:?}");
}

/// The build of the action itself, which is one of all dependencies in release mode.
#[test]
#[ignore = "builds for minutes"]
fn without_a_program_it_builds_its_own() {
    let repository = repository(BAD);
    let done = Job::new(&repository, &[]).run();
    assert_eq!(done.code, 1, "{}", done.printed);
    assert_eq!(done.ran, ["Name the build", "Look into the cache", "Build", "Keep the build", "Lint"]);
    assert!(done.printed.contains("::error file=extension/plib/library/Last.php,line=1,"), "{}", done.printed);
}
