//! A live panel database as an inventory source, on a real server.

#[path = "support/mariadb.rs"]
mod mariadb;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mariadb::MariaDb;
use reguid::panel::{Inventory, Kind, source};

const PASSWORD: &str = "$AES-128-CBC$n0tReal==$s3cretS3cret==";

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel").join(name)
}

fn read(word: &str) -> Inventory {
    source::read(word).unwrap_or_else(|e| panic!("{word}: {e}"))
}

fn committed(state: &str) -> Inventory {
    read(corpus(&format!("{state}.dump.sql")).to_str().expect("paths of tests are UTF-8"))
}

/// A server with the corpus's panel in the database `psa`.
fn panel(state: &str) -> MariaDb {
    let server = MariaDb::start();
    load(&server, state);
    server
}

fn load(server: &MariaDb, state: &str) {
    let text = |name: &str| std::fs::read_to_string(corpus(name)).expect("the corpus is there");
    server.run("", "DROP DATABASE IF EXISTS psa; CREATE DATABASE psa");
    server.run("psa", &text("schema.sql"));
    server.run("psa", &text(&format!("{state}.sql")));
}

/// A file with a password in a folder of its own.
fn password_file(password: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("password");
    std::fs::write(&file, format!("{password}\n")).expect("it can be written");
    let file = file.to_str().expect("temporary folders have UTF-8 names").to_owned();
    (folder, file)
}

fn word(server: &MariaDb, user: &str, password_file: Option<&str>) -> String {
    let file = password_file.map(|file| format!("&password-file={file}")).unwrap_or_default();
    format!("mysql://{user}@/psa?socket={}{file}", server.socket().display())
}

fn reguid(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reguid"));
    command.env_remove("MYSQL_PWD").env("HOME", "/nonexistent").args(arguments).output().expect("reguid runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn a_live_panel_is_the_same_inventory_as_its_dump() {
    let server = panel("before");
    for state in ["before", "after"] {
        load(&server, state);
        let live = read(&word(&server, "root", None));
        let dumped = committed(state);
        assert_eq!(live.objects(), dumped.objects(), "{state}");
        assert_eq!(live.fingerprint(), dumped.fingerprint(), "{state}");
        assert_eq!(live.carried(), dumped.carried(), "{state}");
        assert!(live.notes().is_empty(), "{:?}", live.notes());
        let taken = live.origin.taken.as_deref().expect("the server tells its time");
        assert!(taken.len() == 20 && taken.ends_with('Z'), "{taken}");
        assert!(live.origin.source.starts_with("mysql://root@/psa?socket="), "{}", live.origin.source);
    }
}

#[test]
fn only_what_is_needed_is_asked_for_in_one_transaction_that_cannot_write() {
    let server = panel("before");
    server.run("", "CREATE USER reader IDENTIFIED BY 'x'; SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log;");
    // Rights on single columns: a statement that named one more would fail.
    let (_folder, file) = password_file("x");
    for (table, columns) in [
        ("domains", "id, guid, name, cl_id, cr_date, webspace_id, parentDomainId"),
        ("clients", "id, guid, login, parent_id, email, cr_date"),
    ] {
        server.run("psa", &format!("GRANT SELECT ({columns}) ON psa.{table} TO reader"));
    }
    server.run("", "SET GLOBAL general_log = ON");
    let live = read(&word(&server, "reader", Some(&file)));
    server.run("", "SET GLOBAL general_log = OFF");
    let dumped = committed("before");
    for kind in ["domain", "client"] {
        let kind: Kind = kind.parse().expect("a kind");
        assert_eq!(live.of_kind(kind), dumped.of_kind(kind));
    }
    let logged = "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Query' AND user_host LIKE 'reader%'";
    let statements = String::from_utf8(server.print(["-N", "-B", "-e", logged])).expect("statements are text");
    let statements: Vec<&str> = statements.lines().collect();
    let begun =
        statements.iter().position(|s| s.contains("CONSISTENT SNAPSHOT") && s.contains("READ ONLY")).expect("a transaction is begun");
    assert!(statements[..begun].iter().all(|s| s.starts_with("SET ") || s.starts_with("SELECT @@")), "{statements:#?}");
    let (last, asked) = statements[begun + 1..].split_last().expect("something is asked");
    assert_eq!(*last, "ROLLBACK");
    assert!(asked.iter().all(|s| s.starts_with("SELECT ") && !s.contains('*')), "{statements:#?}");
    assert!(statements.iter().all(|s| !s.to_lowercase().contains("passw")), "{statements:#?}");
}

#[test]
fn the_panel_of_this_machine_is_found_as_the_panel_finds_it() {
    let server = panel("after");
    server.run("", &format!("CREATE USER admin@localhost IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO admin@localhost"));
    let root = tempfile::tempdir().expect("a temporary folder");
    for folder in ["etc/psa", "run/mysqld"] {
        std::fs::create_dir_all(root.path().join(folder)).expect("it can be made");
    }
    let word = format!("plesk:{}", root.path().display());
    let missing = source::read(&word).expect_err("there is no panel").to_string();
    assert!(missing.contains("there is no panel here") && missing.contains(".psa.shadow"), "{missing}");

    std::fs::write(root.path().join("etc/psa/.psa.shadow"), format!("{PASSWORD}\n")).expect("it can be written");
    let stopped = source::read(&word).expect_err("no server listens").to_string();
    assert!(stopped.contains("no database server listens here"), "{stopped}");

    std::os::unix::fs::symlink(server.socket(), root.path().join("run/mysqld/mysqld.sock")).expect("a link can be made");
    assert_eq!(read(&word).objects(), committed("after").objects());

    std::fs::write(root.path().join("etc/psa/.psa.shadow"), "another-s3cret\n").expect("it can be written");
    let denied = source::read(&word).expect_err("the password is wrong").to_string();
    assert!(denied.contains("Access denied") && !denied.contains("s3cret"), "{denied}");
}

#[test]
fn a_password_is_taken_from_a_file_and_shown_nowhere() {
    let server = panel("before");
    server.run("", &format!("CREATE USER keeper IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON psa.* TO keeper"));
    let (folder, file) = password_file(PASSWORD);
    let snapshot = folder.path().join("panel.snapshot");
    let snapshot = snapshot.to_str().expect("temporary folders have UTF-8 names");
    let made = reguid(&["snapshot", "--panel", &word(&server, "keeper", Some(&file)), "-o", snapshot]);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(read(snapshot).objects(), committed("before").objects());
    let kept = std::fs::read_to_string(snapshot).expect("it was just written");
    assert!(!kept.contains("s3cret") && !said(&made).contains("s3cret"));

    // `~/.my.cnf`, and MYSQL_PWD before it.
    let option_file = format!("[client]\nuser=keeper\npassword=\"{PASSWORD}\"\nsocket={}\n", server.socket().display());
    std::fs::write(folder.path().join(".my.cnf"), option_file).expect("it can be written");
    let with_home = |password: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reguid"));
        command.env_remove("MYSQL_PWD").env("HOME", folder.path()).args(["snapshot", "--panel", "mysql:", "-o", snapshot]);
        password.map(|password| command.env("MYSQL_PWD", password));
        command.output().expect("reguid runs")
    };
    let made = with_home(None);
    assert!(made.status.success(), "{}", said(&made));
    let denied = with_home(Some("wrong-s3cret"));
    assert_eq!(denied.status.code(), Some(2), "{}", said(&denied));
    assert!(said(&denied).contains("Access denied") && !said(&denied).contains("s3cret"), "{}", said(&denied));

    let refused = reguid(&["snapshot", "--panel", "mysql://keeper:s3cret@localhost/psa", "-o", snapshot]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("holds a password") && !said(&refused).contains("s3cret"), "{}", said(&refused));
}

/// Whoever may list processes sees command lines, and nothing of the password in them.
#[cfg(target_os = "linux")]
#[test]
fn a_password_is_in_no_command_line() {
    // A server that never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("it has one").port();
    let (_folder, file) = password_file(PASSWORD);
    let word = format!("mysql://keeper@127.0.0.1:{port}/psa?password-file={file}");
    let mut waiting = Command::new(env!("CARGO_BIN_EXE_reguid"))
        .env_remove("MYSQL_PWD")
        .env("HOME", "/nonexistent")
        .args(["snapshot", "--panel", &word, "-o", "/nonexistent/x.snapshot"])
        .spawn()
        .expect("reguid runs");
    let (_connection, _) = silent.accept().expect("it connects");
    let seen = |what: &str| std::fs::read_to_string(format!("/proc/{}/{what}", waiting.id())).expect("it waits for the server");
    let (line, environment) = (seen("cmdline"), seen("environ"));
    // Not every kernel lists children.
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", waiting.id())).unwrap_or_default();
    waiting.kill().expect("it still waits");
    waiting.wait().expect("it was started here");
    assert!(line.contains("keeper@127.0.0.1") && !line.contains("n0tReal") && !environment.contains("n0tReal"), "{line}");
    assert_eq!(children, "", "no other program is told the password");
}

/// Hands on what comes to a port of this machine to the server's socket, and back: the server as the network shows it.
fn over_the_network(server: &MariaDb) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port();
    let socket = server.socket();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a connection");
            let server = std::os::unix::net::UnixStream::connect(&socket).expect("the server listens");
            let (mut from, mut to) = (client.try_clone().expect("a second handle"), server.try_clone().expect("a second handle"));
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Write);
            });
            let (mut from, mut to) = (server, client);
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        }
    });
    port
}

#[test]
fn a_server_is_reached_by_its_name_and_port() {
    let server = panel("after");
    server.run("", &format!("CREATE USER far IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON psa.* TO far"));
    let port = over_the_network(&server);
    let (folder, file) = password_file(PASSWORD);
    for scheme in ["mysql", "mariadb"] {
        let live = read(&format!("{scheme}://far@127.0.0.1:{port}/psa?password-file={file}"));
        assert_eq!(live.objects(), committed("after").objects());
        assert!(live.origin.source.starts_with(&format!("mysql://far@127.0.0.1:{port}/psa")), "{}", live.origin.source);
    }
    // What the address leaves out stands in the client's own file.
    let option_file = format!("[client]\nuser=far\npassword='{PASSWORD}'\nhost=127.0.0.1\nport={port}\n");
    std::fs::write(folder.path().join(".my.cnf"), option_file).expect("it can be written");
    let snapshot = folder.path().join("x.snapshot");
    let mut command = Command::new(env!("CARGO_BIN_EXE_reguid"));
    command.env_remove("MYSQL_PWD").env("HOME", folder.path()).args(["snapshot", "--panel", "mysql:///psa", "-o"]).arg(&snapshot);
    let made = command.output().expect("reguid runs");
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(read(snapshot.to_str().expect("temporary folders have UTF-8 names")).objects(), committed("after").objects());
}

#[test]
fn what_a_server_lacks_is_told() {
    let server = panel("before");
    let (_folder, file) = password_file("x");
    let fails = |word: &str, says: &str| {
        let error = miette::Report::new(source::read(word).expect_err(word));
        let text = format!("{error:?}").replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(says), "{word}: {text}");
    };
    let socket = server.socket();
    let socket = socket.display();
    fails(&format!("mysql://root@/nothing?socket={socket}"), ": ERROR 1049 (42000): Unknown database 'nothing'");
    server.run("", "CREATE DATABASE shop; CREATE TABLE shop.orders (id int)");
    fails(&format!("mysql://root@/shop?socket={socket}"), "holds none of the panel's tables");
    server.run("", "CREATE USER nobody IDENTIFIED BY 'x'");
    fails(&format!("mysql://nobody@/psa?socket={socket}&password-file={file}"), "Access denied");
    fails("mysql://root@/psa?socket=/nonexistent/s.sock", "check that the server runs");
    fails("mysql://root@127.0.0.1:1/psa", "check that the server runs");
    fails("mysql://root@/psa?password-file=/nonexistent", "cannot be read");
    // Another program's port.
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = other.local_addr().expect("it has one").port();
    let answering = std::thread::spawn(move || {
        for greeting in [&b"SSH-2.0-OpenSSH_9.2\r\n"[..], b""] {
            let (mut client, _) = other.accept().expect("a connection");
            std::io::Write::write_all(&mut client, greeting).expect("it listens");
        }
    });
    fails(&format!("mysql://root@127.0.0.1:{port}/psa"), "does not speak as a server of MariaDB or MySQL does");
    fails(&format!("mysql://root@127.0.0.1:{port}/psa"), "check that the server runs and can be reached");
    answering.join().expect("both were refused");
    // A table that no transaction covers is told.
    server.run("psa", "ALTER TABLE clients ENGINE = MyISAM");
    let live = read(&word(&server, "root", None));
    assert_eq!(live.objects(), committed("before").objects());
    assert!(live.notes().iter().any(|n| n.contains("`clients`") && n.contains("MyISAM")), "{:?}", live.notes());
}

#[test]
fn every_way_in_that_servers_offer_is_taken() {
    let server = panel("before");
    server.run(
        "",
        "INSTALL SONAME 'auth_ed25519'; CREATE USER modern IDENTIFIED VIA ed25519 USING PASSWORD('x'); GRANT SELECT ON psa.* TO modern",
    );
    let (_folder, file) = password_file("x");
    assert_eq!(read(&word(&server, "modern", Some(&file))).objects(), committed("before").objects());
    let me = String::from_utf8(Command::new("id").arg("-un").output().expect("id runs").stdout).expect("user names are UTF-8");
    let me = me.trim();
    if me != "root" {
        server.run("", &format!("CREATE USER '{me}'@localhost IDENTIFIED VIA unix_socket; GRANT SELECT ON psa.* TO '{me}'@localhost"));
    } else {
        server.run("", "ALTER USER root@localhost IDENTIFIED VIA unix_socket");
    }
    assert_eq!(read(&word(&server, me, None)).objects(), committed("before").objects());
}
