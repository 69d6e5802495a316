//! Files of a run that the extension wrote or took out since, or while the run was interrupted.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/cut.rs"]
mod cut;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;

use std::fs;
use std::os::unix::ffi::OsStrExt;

use cut::Cut;
use stores::{Scene, State, after, before, flat};

fn write(scene: &Scene, name: &str, content: &str) {
    fs::write(scene.var().join(name), content).unwrap();
}

/// The state with other contents of these files; `None`: without them.
fn with(mut state: State, files: &[(&str, Option<&str>)]) -> State {
    for (name, content) in files {
        match content {
            Some(content) => state.files.insert((*name).to_owned(), content.as_bytes().to_vec()),
            None => state.files.remove(*name),
        };
    }
    state
}

#[test]
fn what_was_written_into_a_file_of_the_run_is_translated_back() {
    let scene = Scene::new();
    scene.ends(0, "fix", &[]);
    // One entry came for domain 5 of now, which was 7 before; one file went, and one that got another name has another content.
    write(&scene, "list.txt", "7\r\n5\n\n11\n5\n");
    write(&scene, "report-5.json", "new");
    fs::remove_file(scene.var().join("report-7.json")).unwrap();
    let now = scene.state();
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    let told = flat(&scene.ends(1, "undo", &[]));
    for wanted in ["list.txt: its content is not what the run left", "report-7.json: it is gone", "--accept-changes"] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    assert_eq!(scene.state(), now);
    scene.ends(0, "undo", &["--accept-changes"]);
    let wanted = with(before(), &[("list.txt", Some("5\r\n7\n\n11\n7\n")), ("report-7.json", Some("new")), ("report-5.json", None)]);
    assert_eq!(scene.state(), wanted);
    // Everything goes on from there.
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.state(), wanted);
}

#[test]
fn an_id_that_cannot_be_translated_stops_all_the_same() {
    let scene = Scene::new();
    scene.ends(0, "fix", &[]);
    // Domain 18 of now is another one than that of before.
    write(&scene, "list.txt", "7\r\n5\n\n11\n18\n");
    let now = scene.state();
    assert!(flat(&scene.ends(1, "undo", &["--accept-changes"])).contains("list.txt: its content is not what the run left"));
    assert_eq!(scene.state(), now);
}

/// An undo of files that were written since is finished with what it decided.
#[test]
fn an_undo_of_files_that_were_written_since_may_be_killed() {
    for cut in [Cut::Before, Cut::After] {
        let scene = Scene::new();
        scene.ends(0, "fix", &[]);
        write(&scene, "list.txt", "7\r\n5\n\n11\n5\n");
        fs::remove_file(scene.var().join("report-7.json")).unwrap();
        cut::killed(&scene, "undo", &["--accept-changes"], cut);
        scene.ends(0, "undo", &[]);
        let wanted = with(before(), &[("list.txt", Some("5\r\n7\n\n11\n7\n")), ("report-7.json", Some("seven")), ("report-5.json", None)]);
        assert_eq!(scene.state(), wanted, "{cut:?}");
    }
}

/// A file that was written while a run was interrupted holds it up until a person looks at it, and not for good.
#[test]
fn a_file_that_was_written_while_a_run_was_interrupted_stays() {
    for (cut, next) in [(Cut::Before, "fix"), (Cut::After, "fix"), (Cut::Before, "undo"), (Cut::After, "undo")] {
        let scene = Scene::new();
        cut::killed(&scene, "fix", &[], cut);
        write(&scene, "list.txt", "5\r\n7\n\n11\n8\n");
        for command in ["fix", "undo"] {
            let told = flat(&scene.ends(2, command, &[]));
            assert!(told.contains("list.txt: the file was changed in between") && told.contains("--panel-holds"), "{told}");
        }
        // The run is finished whichever command finishes it, and then the command stops.
        let told = flat(&scene.ends(2, next, &["--panel-holds", "new"]));
        assert!(told.contains("somebody wrote these since") && told.contains("list.txt"), "{told}");
        assert_eq!(scene.state(), with(after(), &[("list.txt", Some("5\r\n7\n\n11\n8\n"))]), "{cut:?} {next}");
        // A person puts the file right, and all goes on.
        write(&scene, "list.txt", "7\r\n5\n\n11\n");
        assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
        scene.ends(0, "undo", &["--accept-changes"]);
        assert_eq!(scene.state(), with(before(), &[("list.txt", Some("5\r\n7\n\n11\n"))]), "{cut:?} {next}");
    }
}

/// A file that went while a run was interrupted does not hold it up.
#[test]
fn a_file_that_went_while_a_run_was_interrupted_is_left_out() {
    for (cut, next) in [(Cut::Before, "fix"), (Cut::After, "fix"), (Cut::Before, "undo"), (Cut::After, "undo")] {
        let scene = Scene::new();
        cut::killed(&scene, "fix", &[], cut);
        for name in ["list.txt", "report-5.json", "cache-5/part-3.bin"] {
            fs::remove_file(scene.var().join(name)).unwrap();
        }
        scene.ends(0, next, &[]);
        let done = with(after(), &[("list.txt", None), ("report-7.json", None), ("cache-7/part-2.bin", None)]);
        let undone = with(before(), &[("list.txt", None), ("report-5.json", None), ("cache-5/part-3.bin", None)]);
        if next == "fix" {
            assert_eq!(scene.state(), done, "{cut:?}");
            scene.ends(0, "undo", &[]);
        }
        assert_eq!(scene.state(), undone, "{cut:?} {next}");
    }
}

/// Files that were put back from before the run hold its ids of before.
#[test]
fn files_of_before_the_run_are_not_translated() {
    let scene = Scene::new();
    let list = fs::read(scene.var().join("list.txt")).unwrap();
    scene.ends(0, "fix", &[]);
    fs::write(scene.var().join("list.txt"), &list).unwrap();
    let now = scene.state();
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("list.txt: it is as it was before the run"), "{told}");
    assert_eq!(scene.state(), now);
}

/// A file that only got another name has ids in it as well.
#[test]
fn ids_in_a_file_that_got_another_name_are_translated_back() {
    let scene = Scene::new();
    let names = "\n[[reference]]\nfile = \"report-*.json\"\nkind = \"domain\"\n";
    let manifest = fs::read_to_string(scene.manifest()).unwrap() + names;
    fs::write(scene.manifest(), manifest).unwrap();
    scene.ends(0, "fix", &[]);
    write(&scene, "report-7.json", "11\n7\n");
    scene.ends(1, "undo", &[]);
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(fs::read_to_string(scene.var().join("report-5.json")).unwrap(), "11\n5\n");
}

/// What was set aside and taken away holds nothing up for good.
#[test]
fn what_was_taken_out_of_the_stage_is_left_out_by_a_persons_word() {
    let scene = Scene::new();
    cut::killed(&scene, "fix", &[], Cut::After);
    fs::remove_dir_all(scene.var().join("reguid.stage")).unwrap();
    for command in ["fix", "undo"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("go on without it (--panel-holds new)"), "{command}");
    }
    assert!(flat(&scene.ends(2, "fix", &["--panel-holds", "new"])).contains("list.txt"));
    // The contents are as they were, and the names are done.
    assert_eq!(scene.state().files["list.txt"], before().files["list.txt"]);
    assert_eq!(scene.state().files["report-7.json"], b"five");
}

/// Files named after a domain whose id is in them as well, and files of which the name alone tells.
const REPORTS: &str = "[[reference]]\nfile = \"data-*.json\"\npath = \"$.id\"\nkind = \"domain\"\n\n[[reference]]\nfile-name = \"data-{domain}.json\"\n\n\
                       [[reference]]\nfile-name = \"report-{domain}.json\"\n\n[[reference]]\nsetting = \"first\"\nkind = \"domain\"\n";

fn reports() -> Scene {
    let scene = Scene::new();
    fs::remove_dir_all(scene.var()).unwrap();
    fs::create_dir(scene.var()).unwrap();
    scene.server.run("psa", "DELETE FROM dom_param; DELETE FROM ModuleSettings; INSERT INTO ModuleSettings VALUES (1, 'first', '5')");
    for (name, content) in
        [("data-5.json", "{\"id\":5}"), ("data-7.json", "{\"id\": 7}"), ("report-5.json", "five"), ("report-7.json", "seven")]
    {
        write(&scene, name, content);
    }
    fs::write(scene.manifest(), REPORTS).unwrap();
    scene
}

/// The files, name and content.
fn listed(scene: &Scene) -> Vec<(String, String)> {
    scene.files().into_iter().map(|(name, content)| (name, String::from_utf8(content).unwrap())).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
}

/// What is left as it is keeps its name, and what would have got that name keeps its own.
#[test]
fn a_file_that_is_left_as_it_is_keeps_its_name() {
    let scene = reports();
    cut::killed(&scene, "fix", &[], Cut::After);
    write(&scene, "data-5.json", "{\"id\":5,\"since\":1}");
    write(&scene, "report-5.json", "since");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("json: the file was changed in between"));
    let told = flat(&scene.ends(2, "fix", &["--panel-holds", "new"]));
    let left = "data-5.json report-5.json data-7.json, which would be called data-5.json: something is there report-7.json, which would be called report-5.json";
    assert!(told.contains(left), "{told}");
    let wanted = pairs(&[
        ("data-5.json", "{\"id\":5,\"since\":1}"),
        ("data-7.json", "{\"id\": 5}"),
        ("report-5.json", "since"),
        ("report-7.json", "seven"),
    ]);
    assert_eq!(listed(&scene), wanted);
}

/// What is left as it is is decided at once: killed in the midst of that, no file comes into the folder of another object.
#[test]
fn what_lies_in_folders_that_keep_their_names_stays_there_wherever_it_is_killed() {
    let scene = reports();
    let names = ["conf-{domain}", "conf-*/report-{domain}.json"].map(|name| format!("[[reference]]\nfile-name = \"{name}\"\n")).concat();
    fs::write(scene.manifest(), format!("{names}[[reference]]\nsetting = \"first\"\nkind = \"domain\"\n")).unwrap();
    for (of, content) in [("6", "shop"), ("8", "blog")] {
        fs::create_dir(scene.var().join(format!("conf-{of}"))).unwrap();
        write(&scene, &format!("conf-{of}/report-{of}.json"), content);
        write(&scene, &format!("conf-{of}/keep.txt"), content);
    }
    cut::killed(&scene, "fix", &[], Cut::After);
    fs::create_dir(scene.var().join("conf-9")).unwrap();
    write(&scene, "conf-9/keep.txt", "somebody else's");
    let aside = scene.beside("aside");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        assert!(std::process::Command::new("cp").args(["-a"]).arg(from).arg(to).status().unwrap().success());
    };
    copy(&scene.var(), &aside);
    // Without a word nothing steps aside that has no place to go to.
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.contains("conf-9: something is called so by now") && told.contains("--panel-holds new"), "{told}");
    assert!(scene.var().join("conf-8/keep.txt").exists());
    let told = flat(&scene.ends(2, "fix", &["--panel-holds", "new"]));
    assert!(told.contains("conf-8, which would be called conf-9: something is there"), "{told}");
    let wanted = listed(&scene);
    assert!(wanted.contains(&("conf-6/report-8.json".to_owned(), "shop".to_owned())), "{wanted:?}");
    let mut killed = 0;
    for point in 1..200 {
        fs::remove_dir_all(scene.var()).unwrap();
        copy(&aside, &scene.var());
        let inject = format!("inject=pwrite64:signal=SIGKILL:when={point}");
        let words = scene.words("fix");
        let strace = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", &inject, env!("CARGO_BIN_EXE_reguid")];
        let mut process = std::process::Command::new("strace");
        let out =
            process.args(strace).args(words).args(["--panel-holds", "new"]).env_remove("MYSQL_PWD").env("HOME", "/nonexistent").output();
        if out.unwrap().status.code().is_some() {
            break;
        }
        killed = point;
        for more in [&[][..], &["--panel-holds", "new"]] {
            scene.reguid("fix", more);
        }
        assert_eq!(listed(&scene), wanted, "killed at {point}");
    }
    assert!(killed > 10, "killed at {killed} points");
}

/// Names that changed places look the same whether or not the files were put back: their contents tell.
#[test]
fn files_of_which_the_name_alone_changed_are_known_by_their_content() {
    let scene = reports();
    let before = listed(&scene);
    scene.ends(0, "fix", &[]);
    for (name, content) in &before[2..] {
        write(&scene, name, content);
    }
    for command in ["plan", "fix", "verify"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("report-5.json: the file is as it was before run 1"), "{command}");
    }
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("report-5.json: it is as it was before the run: say which ids it holds"), "{told}");
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(listed(&scene), before);
    // What was written into them since is nobody's business.
    scene.ends(0, "fix", &[]);
    write(&scene, "report-7.json", "five, and more");
    scene.ends(0, "undo", &[]);
    assert_eq!(listed(&scene)[2].1, "five, and more");
}

/// Marker files are all alike: they tell nothing, and nothing is asked of them.
#[test]
fn files_that_look_alike_are_not_taken_for_older_ones() {
    let scene = reports();
    fs::write(scene.manifest(), "[[reference]]\nfile-name = \"report-{domain}.json\"\n").unwrap();
    for (name, content) in [("report-5.json", "1\n"), ("report-6.json", ""), ("report-7.json", "1\n")] {
        write(&scene, name, content);
    }
    scene.ends(0, "fix", &[]);
    for (gone, comes, content) in [("report-7.json", "report-5.json", "1\n"), ("report-8.json", "report-6.json", "")] {
        fs::remove_file(scene.var().join(gone)).unwrap();
        write(&scene, comes, content);
    }
    scene.ends(0, "verify", &[]);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
}

/// What did not move is not taken for written since, also where patterns of names alone say whose ids they hold.
#[test]
fn kinds_that_stand_in_names_alone_are_known() {
    let scene = reports();
    fs::write(scene.manifest(), "[[reference]]\nfile-name = \"report-{domain}.json\"\n").unwrap();
    write(&scene, "report-11.json", "eleven");
    let before = listed(&scene);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!(listed(&scene), before);
}

/// By chance a file may hold again what it held before the run: a person says which ids these are, and says it once.
#[test]
fn a_file_that_looks_as_before_may_speak_of_now() {
    let scene = Scene::new();
    let list = before().files["list.txt"].clone();
    scene.ends(0, "fix", &[]);
    fs::write(scene.var().join("list.txt"), &list).unwrap();
    for command in ["plan", "fix", "verify"] {
        let told = flat(&scene.ends(2, command, &[]));
        assert!(told.contains("list.txt: the file is as it was before run 1") && told.contains("--panel-holds new"), "{command}: {told}");
    }
    // One word answers for all that is so: each of them is told.
    let taken = "list.txt is as it was before run 1, and is taken to speak of now";
    for command in ["plan", "verify", "fix"] {
        assert!(flat(&scene.ends(0, command, &["--panel-holds", "new"])).contains(taken), "{command}");
    }
    let again = scene.ends(0, "fix", &["--panel-holds", "new"]);
    assert!(again.contains("Nothing to do") && !flat(&again).contains(taken), "{again}");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "verify", &[]);
    assert!(flat(&scene.ends(1, "undo", &["--accept-changes"])).contains("say which ids it holds"));
    scene.ends(0, "undo", &["--accept-changes", "--panel-holds", "new"]);
    assert_eq!(scene.state(), with(before(), &[("list.txt", Some("7\r\n5\n\n11\n"))]));
    // Or it was put back, and is right already.
    scene.reset();
    scene.ends(0, "fix", &[]);
    fs::write(scene.var().join("list.txt"), &list).unwrap();
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(scene.state(), before());
}

/// A file that came since goes from the name that one of the run gets again.
#[test]
fn what_came_since_makes_room() {
    let scene = reports();
    let manifest = "[[reference]]\nfile-name = \"report-{domain}.json\"\n\n[[reference]]\nfile = \"all.txt\"\nkind = \"domain\"\n";
    fs::write(scene.manifest(), manifest).unwrap();
    write(&scene, "all.txt", "5\n6\n7\n8\n");
    write(&scene, "report-8.json", "eight");
    scene.ends(0, "fix", &[]);
    write(&scene, "report-8.json", "since, of 6 before");
    scene.ends(1, "undo", &[]);
    scene.ends(0, "undo", &["--accept-changes"]);
    let reports: Vec<_> = listed(&scene).into_iter().filter(|(name, _)| name.starts_with("report")).collect();
    let wanted =
        [("report-5.json", "five"), ("report-6.json", "since, of 6 before"), ("report-7.json", "seven"), ("report-8.json", "eight")];
    assert_eq!(reports, pairs(&wanted));
}

/// A name that is no UTF-8 and fits a pattern is not passed over.
#[test]
fn a_name_that_is_no_text_is_told_where_a_pattern_fits_it() {
    let scene = Scene::new();
    fs::write(scene.manifest(), "[[reference]]\nfile-name = \"**/cache-{domain}*\"\n").unwrap();
    fs::create_dir(scene.var().join("q")).unwrap();
    for (folder, name) in [(false, &b"cache-5-\xff"[..]), (true, b"cache-7-\xff"), (false, b"q/cache-5-\xff")] {
        let odd = scene.var().join(std::ffi::OsStr::from_bytes(name));
        if folder {
            fs::create_dir(&odd).unwrap()
        } else {
            fs::write(&odd, "x").unwrap()
        }
        for (code, command) in [(2, "plan"), (2, "fix"), (1, "verify")] {
            assert!(flat(&scene.ends(code, command, &[])).contains("its name is no UTF-8"), "{command}");
        }
        if folder { fs::remove_dir(&odd).unwrap() } else { fs::remove_file(&odd).unwrap() }
    }
    fs::write(scene.var().join(std::ffi::OsStr::from_bytes(b"other-5-\xff")), "x").unwrap();
    scene.ends(0, "fix", &[]);
}

/// Nothing in a folder whose name is no UTF-8 is looked at, which is not passed over.
#[test]
fn a_folder_whose_name_is_no_text_is_told() {
    let scene = Scene::new();
    fs::write(scene.manifest(), "[[reference]]\nfile = \"q/*/a.txt\"\nkind = \"domain\"\n").unwrap();
    let odd = scene.var().join(std::ffi::OsStr::from_bytes(b"q/n\xff"));
    fs::create_dir_all(scene.var().join("q/x")).unwrap();
    write(&scene, "q/x/a.txt", "5\n");
    scene.ends(0, "fix", &[]);
    fs::create_dir(&odd).unwrap();
    fs::write(odd.join("a.txt"), "5\n").unwrap();
    for (code, command) in [(2, "plan"), (2, "fix"), (1, "verify"), (1, "undo")] {
        assert!(flat(&scene.ends(code, command, &[])).contains("the name of this folder is no UTF-8"), "{command}");
    }
    // No entry is about anything in it.
    fs::write(scene.manifest(), "[[reference]]\nfile = \"q/x/*.txt\"\nkind = \"domain\"\n").unwrap();
    scene.ends(0, "verify", &[]);
}
