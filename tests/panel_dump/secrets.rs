//! Nothing that an inventory does not need is ever written.

use reguid::panel::source;

use crate::mariadb::MariaDb;
use crate::support::cli::Cli;
use crate::{corpus, gzip, load, read, zstd};

const SECRET: &str = "PLANTED";

#[test]
fn no_secret_of_the_corpus_is_kept() {
    for state in ["before.dump.sql", "after.dump.sql"] {
        let dump = std::fs::read_to_string(corpus(state)).expect("the corpus is there");
        assert!(dump.contains("secret"), "the corpus has secrets to leave out");
        let kept = format!("{:?}", read(&corpus(state)));
        assert!(!kept.contains("secret") && !kept.contains("SECRET") && !kept.contains("$AES"), "{state}");
    }
}

/// Every text of the panel that no inventory needs holds the secret, also those that are no secrets.
fn plant(server: &MariaDb) {
    let needed: Vec<String> = crate::printed::selects()
        .iter()
        .flat_map(|(columns, table)| columns.iter().map(move |column| format!("{table}.{column}").to_lowercase()))
        .collect();
    let columns = server.print(["-B", "-N", "-e", "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'psa' AND data_type IN ('varchar', 'text', 'blob', 'longtext') AND table_name NOT LIKE '%_of_%'"]);
    let columns = String::from_utf8(columns).expect("names are text");
    let mut planted = 0;
    for line in columns.lines() {
        let (table, column) = line.split_once('\t').expect("two columns");
        if needed.contains(&format!("{table}.{column}").to_lowercase()) {
            continue;
        }
        server.run("psa", &format!("UPDATE IGNORE `{table}` SET `{column}` = CONCAT('{SECRET}', COALESCE(`{column}`, ''))"));
        planted += 1;
    }
    assert!(planted > 20, "{columns}");
    server.run("psa", &format!("CREATE TABLE tokens (id int, name varchar(99)); INSERT INTO tokens VALUES (1, '{SECRET}')"));
}

fn holds_secret(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, SECRET.as_bytes()).is_some()
}

#[test]
fn a_planted_secret_is_in_no_snapshot_companion_error_or_report() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    plant(&server);
    let whole = |(_, table): &(Vec<&str>, &str)| format!("SELECT * FROM {table}");
    let results = crate::printed::selects().iter().map(whole).collect::<Vec<_>>().join("; ");
    let forms = [
        ("dump", server.dump(["psa"])),
        ("complete", server.dump(["--complete-insert", "--skip-extended-insert", "--compact", "psa"])),
        ("xml", server.dump(["--xml", "psa"])),
        ("results", server.print(["--xml", "-e", &results, "psa"])),
        ("tabbed", server.print(["-B", "-e", "SELECT * FROM clients; SELECT * FROM smb_users", "psa"])),
    ];
    for (form, dump) in &forms {
        assert!(holds_secret(dump), "{form}");
        let cli = Cli::new();
        cli.file("dump", dump).file("dump.gz", gzip(dump)).file("dump.zst", zstd(dump));
        std::fs::create_dir(cli.root().join("var")).expect("a folder");
        for args in [
            ["snapshot", "--panel", "dump", "-o", "x.snapshot"],
            ["snapshot", "--panel", "dump.gz", "-o", "y.snapshot"],
            ["snapshot", "--panel", "dump.zst", "--into", "var"],
        ] {
            let ran = cli.run(&args);
            assert_eq!(ran.code, 0, "{form}: {ran}");
            assert!(!holds_secret(ran.to_string().as_bytes()), "{form}: {ran}");
        }
        for written in ["x.snapshot", "y.snapshot", "var/reguid.db"] {
            let bytes = std::fs::read(cli.root().join(written)).expect("it was written");
            assert!(bytes.len() > 1000 && !holds_secret(&bytes), "{form}: {written}");
        }
    }
}

/// The whole way from one planted panel to another: all that is printed and all that is written.
#[test]
fn a_planted_secret_is_in_nothing_that_a_run_leaves() {
    let server = MariaDb::start();
    let cli = Cli::new();
    for state in ["before", "after"] {
        load(&server, "psa", &format!("{state}.sql"));
        plant(&server);
        let dump = server.dump(["psa"]);
        assert!(holds_secret(&dump));
        cli.file(&format!("{state}.sql"), dump);
    }
    let entry = |column: &str, kind: &str| {
        format!(
            "[[reference]]\ndatabase = \"data.db\"\ntable = \"apps\"\ncolumn = \"{column}\"\nkind = \"{kind}\"\non-missing = \"keep\"\n"
        )
    };
    // One kind in whose tables the panel keeps passwords, and others beside it.
    let kinds = ["domain", "client", "user", "database-server", "database-user", "system-user", "protected-directory-user"];
    let columns: Vec<String> = kinds.iter().map(|kind| kind.replace('-', "_")).collect();
    cli.file("var/reguid.toml", kinds.iter().zip(&columns).map(|(kind, column)| entry(column, kind)).collect::<String>());
    let data = reguid::sqlite::Connection::open(cli.root().join("var/data.db")).expect("it can be made");
    data.execute_batch(&format!(
        "CREATE TABLE apps({}); INSERT INTO apps VALUES (5, 3, 2, 1, 1, 1, 1), (13, 99, 5, 2, 3, 2, 1)",
        columns.join(", ")
    ))
    .expect("it is SQL");
    drop(data);
    let live = format!("mysql://root@/psa?socket={}", server.socket().display());
    let states =
        |command: &'static str, more: &[&'static str]| [&[command, "var", "--old", "before.sql", "--new", "after.sql"], more].concat();
    let mut said = String::new();
    for (args, codes) in [
        (states("plan", &["--map-out", "map.toml", "--accept-name", "-o", "plan.json"]), 0..=1),
        (states("plan", &["--format", "json"]), 0..=1),
        (states("plan", &["--format", "html"]), 0..=1),
        (states("plan", &["--map", "map.toml"]), 0..=1),
        (states("fix", &["--accept-name", "--dry-run"]), 0..=1),
        (states("fix", &["--accept-name", "--format", "json"]), 0..=0),
        (vec!["verify", "var", "--panel", "after.sql"], 0..=1),
        (vec!["verify", "var", "--panel", &live], 0..=1),
        (vec!["snapshot", "--panel", &live, "--into", "var"], 0..=1),
        (vec!["undo", "var"], 0..=0),
    ] {
        let ran = cli.run(&args);
        assert!(codes.contains(&ran.code), "{args:?}: {ran}");
        said.push_str(&ran.to_string());
    }
    assert!(said.contains("alice.example") && !holds_secret(said.as_bytes()), "{said}");
    let mut looked_at = Vec::new();
    for folder in ["", "var"] {
        for file in std::fs::read_dir(cli.root().join(folder)).expect("it is a folder") {
            let path = file.expect("it can be listed").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("names of tests are UTF-8").to_owned();
            if path.is_file() && !["before.sql", "after.sql"].contains(&&*name) {
                let bytes = std::fs::read(&path).expect("it can be read");
                assert!(!holds_secret(&bytes), "{name}");
                looked_at.push(name);
            }
        }
    }
    for written in ["map.toml", "plan.json", "reguid.db", "data.db"] {
        assert!(looked_at.iter().any(|name| name == written), "{written} is not among {looked_at:?}");
    }
}

/// What is said of dumps that are cut off or damaged in the middle of secrets.
#[test]
fn a_planted_secret_is_in_no_error() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    plant(&server);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("dump");
    let check = |dump: &[u8]| {
        std::fs::write(&path, dump).expect("the temporary folder can be written");
        match source::read(path.to_str().expect("paths of tests are UTF-8")) {
            Ok(inventory) => assert!(!holds_secret(format!("{inventory:?}").as_bytes())),
            Err(error) => {
                let help = miette::Diagnostic::help(&error).map(|help| help.to_string()).unwrap_or_default();
                let said = format!("{error}\n{error:?}\n{help}");
                assert!(!holds_secret(said.as_bytes()), "{said}");
            }
        }
    };
    let tables = ["clients", "smb_users", "DatabaseServers", "accounts"];
    let forms = [
        server.dump([&["psa"], &tables as &[&str]].concat()),
        server.dump([&["--complete-insert", "--skip-extended-insert", "--compact", "psa"], &tables as &[&str]].concat()),
        server.dump([&["--xml", "psa"], &tables as &[&str]].concat()),
        server.print(["-B", "-e", "SELECT * FROM clients; SELECT * FROM smb_users", "psa"]),
    ];
    for dump in forms {
        let secrets: Vec<usize> = memchr::memmem::find_iter(&dump, SECRET).collect();
        for at in secrets {
            for end in [at, at + 3, at + SECRET.len(), at + SECRET.len() + 1] {
                check(&dump[..end]);
                // A byte is lacking, or there is one too many.
                check(&[&dump[..end], &dump[end + 1..]].concat());
                check(&[&dump[..end], b"'", &dump[end..]].concat());
                check(&[&dump[..end], b"\t", &dump[end..]].concat());
                check(&[&dump[..end], b"<", &dump[end..]].concat());
            }
            check(&dump[at..]);
        }
    }
    // A file that holds nothing but a secret.
    check(SECRET.as_bytes());
    check(format!("$AES-128-CBC${SECRET}==\n").as_bytes());
}
