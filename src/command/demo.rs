//! `reguid demo`: the whole story on an embedded sample.
//!
//! The steps are the real commands, given their command lines; what they print is shown as it is, without the temporary folder's name.
//!
//! Settings are in the panel's database, and there is no server here but dumps of it. So `fix` writes its script, and the demo does with the dump what a server
//! does that runs it ([`Demo::run_script`]): it takes the rows from the script's text. `tests/stores_live.rs` runs the same script on a server.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Parser;
use miette::{Context, IntoDiagnostic, ensure, miette};

use super::Outcome;
use crate::cli::Cli;
use crate::panel::settings::Panel;
use crate::panel::{Inventory, Kind, source};
use crate::report::table::table;
use crate::report::terminal::Terminal;
use crate::sqlite::{Connection, ValueRef};

/// The sample's files, by where they go.
const FILES: &[(&str, &str)] = &[
    ("site-notes/meta.xml", include_str!("../../corpus/site-notes/extension/meta.xml")),
    ("site-notes/htdocs/index.php", include_str!("../../corpus/site-notes/extension/htdocs/index.php")),
    (
        "site-notes/plib/controllers/IndexController.php",
        include_str!("../../corpus/site-notes/extension/plib/controllers/IndexController.php"),
    ),
    ("site-notes/plib/library/Notes.php", include_str!("../../corpus/site-notes/extension/plib/library/Notes.php")),
    ("site-notes/plib/library/Alarms.php", include_str!("../../corpus/site-notes/stores/Alarms.php")),
    (
        "before.sql",
        concat!(include_str!("../../corpus/panel/before.dump.sql"), include_str!("../../corpus/site-notes/stores/settings.sql")),
    ),
    ("after.sql", concat!(include_str!("../../corpus/panel/after.dump.sql"), include_str!("../../corpus/site-notes/stores/settings.sql"))),
];
/// The extension's id.
const MODULE: &str = "site-notes";
/// The sample's data.
const DATA: &str = include_str!("../../corpus/site-notes/data/notes.sqlite3.sql");
/// The command line that mends it.
const FIX: &[&str] = &["fix", "var", "--manifest", "site-notes/reguid.toml", "--old", "before.sql", "--emit", "sql"];

/// The options of `reguid demo`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Tells the story.
///
/// # Errors
/// The temporary folder cannot be written, or the story does not end as it must.
pub fn run(_args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let folder = tempfile::Builder::new().prefix("reguid-demo-").tempdir().into_diagnostic().wrap_err("no temporary folder can be made")?;
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).map_err(|p| miette!("{}: not a UTF-8 path", p.display()))?;
    let mut demo = Demo { root, terminal, out };
    demo.prepare()?;
    demo.tell()?;
    Ok(Outcome::Clean)
}

struct Demo<'a> {
    root: Utf8PathBuf,
    terminal: &'a Terminal,
    out: &'a mut dyn Write,
}

impl Demo<'_> {
    fn prepare(&self) -> miette::Result<()> {
        for (path, text) in FILES {
            let path = self.root.join(path);
            fs_err::create_dir_all(path.parent().unwrap_or(&self.root)).into_diagnostic()?;
            fs_err::write(&path, text).into_diagnostic()?;
        }
        fs_err::create_dir_all(self.root.join("var")).into_diagnostic()?;
        self.database()?.execute_batch(DATA).into_diagnostic()
    }

    fn tell(&mut self) -> miette::Result<()> {
        let (before, after) = (self.inventory("before.sql")?, self.inventory("after.sql")?);
        self.say("1  An extension keeps notes and reminders on sites, by the panel's ids. `lint` sees it before the release.")?;
        self.command(&["lint", "site-notes"], Outcome::Found)?;
        self.command(&["references", "site-notes", "--write"], Outcome::Clean)?;

        self.say("2  A server runs it. This is what its notes and settings say:")?;
        let (right, alarms) = (self.notes(&before)?, self.alarms("before.sql", &before)?);
        self.show(&right, &right)?;
        self.show(&alarms, &alarms)?;

        self.say(
            "3  The server burns down and is restored. Sites and customers come back with new ids: the notes stand at the wrong sites.",
        )?;
        let wrong = self.notes(&after)?;
        self.show(&wrong, &right)?;
        let wrong_alarms = self.alarms("after.sql", &after)?;
        self.show(&wrong_alarms, &alarms)?;
        ensure!(!same_sites(&wrong, &right) && !same_sites(&wrong_alarms, &alarms), "the sample's ids must change their meaning");

        self.say("4  `fix` matches old and new objects by GUID and rewrites the ids, all at once. Settings are in the panel's database, of which there is but a dump here: for them it writes a script.")?;
        self.command(&[FIX, &["--emit-to", "mend.sql", "--new", "after.sql"]].concat(), Outcome::Clean)?;
        let script = fs_err::read_to_string(self.root.join("mend.sql")).into_diagnostic()?;
        let head = script.lines().take_while(|line| line.starts_with("--")).collect::<Vec<_>>();
        writeln!(self.out, "\n$ head -{} mend.sql\n{}", head.len(), head.join("\n")).into_diagnostic()?;
        self.run_script("mend.sql", "after.sql", "mended.sql")?;
        self.say("   Once the panel has run the script, everything is right (here its rows are taken over into a dump, mended.sql):")?;
        let mended = self.notes(&after)?;
        self.show(&mended, &right)?;
        let mended_alarms = self.alarms("mended.sql", &after)?;
        self.show(&mended_alarms, &alarms)?;
        ensure!(same_sites(&mended, &right), "after the fix every note must stand at its own site again");
        ensure!(same_sites(&mended_alarms, &alarms), "after the script every setting must be of its own site again");

        self.say("5  A second `fix` finds nothing to do: the data knows which panel its ids speak of.")?;
        self.command(&[FIX, &["--emit-to", "again.sql", "--new", "mended.sql"]].concat(), Outcome::Clean)?;
        ensure!(same_sites(&self.notes(&after)?, &right), "a second fix must change nothing");

        self.say("6  And there is a way back.")?;
        self.command(&["undo", "var", "--panel", "mended.sql", "--emit", "sql", "--emit-to", "back.sql"], Outcome::Clean)?;
        self.run_script("back.sql", "mended.sql", "back-again.sql")?;
        ensure!(same_sites(&self.notes(&before)?, &right), "undo must bring the old ids back");
        ensure!(self.alarms("back-again.sql", &before)? == alarms, "undo must bring the old settings back");
        self.say("Everything happened in a temporary folder, which is gone now.")
    }

    /// Each note and reminder with the site that it stands at on a panel of these objects, ordered by their texts. A reminder is JSON, with the id inside.
    fn notes(&self, panel: &Inventory) -> miette::Result<Vec<Note>> {
        let domain: Kind = "domain".parse().into_diagnostic()?;
        let database = self.database()?;
        let sql = "SELECT domain_id, domain_id, note FROM notes
                   UNION ALL SELECT details, details ->> 'domainId', details ->> 'what' FROM reminders ORDER BY 3";
        let mut query = database.prepare(sql).into_diagnostic()?;
        let text = |value: ValueRef<'_>| match value {
            ValueRef::Integer(id) => id.to_string(),
            other => String::from_utf8_lossy(other.as_bytes().unwrap_or_default()).into_owned(),
        };
        let rows =
            query.query_map([], |row| Ok((text(row.get_ref(0)?), row.get::<_, i64>(1)?, row.get::<_, String>(2)?))).into_diagnostic()?;
        rows.map(|row| {
            let (stored, id, text) = row.into_diagnostic()?;
            let site = panel.get(domain, id).map_or_else(|| "nothing".to_owned(), |o| o.name.to_string());
            Ok(Note { stored, site, text })
        })
        .collect()
    }

    /// The settings in a dump, each with the site that it is of on a panel of these objects. One has the id in its name, another one in JSON.
    fn alarms(&self, dump: &str, panel: &Inventory) -> miette::Result<Vec<Note>> {
        let domain: Kind = "domain".parse().into_diagnostic()?;
        let mut notes = Vec::new();
        let mut unread = None;
        let settings = Panel::named_by(self.root.join(dump).as_str())?.ok_or_else(|| miette!("{dump}: it is no dump"))?;
        let mut session = settings.read(MODULE)?.ok_or_else(|| miette!("{dump}: it holds no settings"))?;
        session.each(None, |setting| {
            let name = String::from_utf8_lossy(&setting.name).into_owned();
            let value = String::from_utf8_lossy(&setting.value.unwrap_or_default()).into_owned();
            let inside = || serde_json::from_str::<serde_json::Value>(&value).ok()?.get("domainId")?.as_i64();
            match name.strip_prefix("alarm-").map_or_else(inside, |id| id.parse().ok()) {
                Some(id) => {
                    let site = panel.get(domain, id).map_or_else(|| "nothing".to_owned(), |o| o.name.to_string());
                    let (stored, text) = if name.starts_with("alarm-") { (name, value) } else { (value, name) };
                    notes.push(Note { stored, site, text });
                }
                None => unread = Some(name),
            }
        })?;
        ensure!(unread.is_none(), "a setting of the sample has no id: {unread:?}");
        notes.sort_by(|a, b| a.text.cmp(&b.text));
        Ok(notes)
    }

    /// Does with the settings in a dump what a server does that runs a script of `fix`: each row must be as the script asks, and becomes what it says.
    fn run_script(&self, script: &str, dump: &str, into: &str) -> miette::Result<()> {
        let script = fs_err::read_to_string(self.root.join(script)).into_diagnostic()?;
        let rows = |table: &str| -> miette::Result<Vec<String>> {
            let values = script.lines().filter_map(|line| line.strip_prefix(&format!("INSERT INTO reguid_{table}_0 VALUES (")));
            let row = |line: &str| {
                let hex = |text: &str| {
                    let digits = text.trim().strip_prefix("x'")?.strip_suffix('\'')?;
                    let bytes = (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(digits.get(i..i + 2)?, 16).ok());
                    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
                };
                let mut cells = line.split(',').skip(2).map(hex);
                Some(format!("'{}','{}')", cells.next()??, cells.next()??))
            };
            values.map(|line| row(line).ok_or_else(|| miette!("the script has a row that is not understood: {line}"))).collect()
        };
        let (before, after) = (rows("before")?, rows("after")?);
        ensure!(!before.is_empty() && before.len() == after.len(), "the script must change settings");
        let text = fs_err::read_to_string(self.root.join(dump)).into_diagnostic()?;
        let mut found = 0;
        let changed = text.split_inclusive('\n').map(|line| {
            let Some(at) = before.iter().position(|row| line.contains(row.as_str())) else { return line.to_owned() };
            found += 1;
            line.replace(&before[at], &after[at])
        });
        let changed: String = changed.collect();
        ensure!(found == before.len(), "the settings in {dump} are not as the script asks");
        fs_err::write(self.root.join(into), changed).into_diagnostic()
    }

    /// The notes as a table; those that stand elsewhere than in `right` are marked.
    fn show(&mut self, notes: &[Note], right: &[Note]) -> miette::Result<()> {
        let line = |(note, right): (&Note, &Note)| {
            let mark = if note.site == right.site { String::new() } else { format!("WRONG: belongs to {}", right.site) };
            vec![note.stored.clone(), note.site.clone(), note.text.clone(), mark]
        };
        let lines = notes.iter().zip(right).map(line).collect();
        let header = ["stored", "the panel shows it at", "text", ""];
        writeln!(self.out, "\n{}", table(&header, lines, header.len(), self.terminal)).into_diagnostic()
    }

    fn say(&mut self, text: &str) -> miette::Result<()> {
        let (bold, plain) = if self.terminal.colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        writeln!(self.out, "\n{bold}{text}{plain}").into_diagnostic()
    }

    /// Runs a command of reguid's; arguments that name files of the demo are given as they lie in its folder.
    fn command(&mut self, args: &[&str], expected: Outcome) -> miette::Result<()> {
        writeln!(self.out, "\n$ reguid {}", args.join(" ")).into_diagnostic()?;
        let there = |arg: &&str| {
            let path = self.root.join(arg);
            let is_file = path.exists() || Utf8Path::new(arg).extension().is_some();
            if is_file { path.into_string() } else { (*arg).to_owned() }
        };
        // A person reads it, on a CI service too.
        let format: &[&str] = if args.first() == Some(&"lint") { &["--format", "human"] } else { &[] };
        let words = std::iter::once("reguid".to_owned()).chain(args.iter().map(there)).chain(format.iter().map(ToString::to_string));
        let cli = Cli::try_parse_from(words).into_diagnostic()?;
        let mut printed = Vec::new();
        let outcome = cli.run(self.terminal, &mut printed)?;
        let text = String::from_utf8_lossy(&printed).replace(&format!("{}/", self.root), "");
        self.out.write_all(text.as_bytes()).into_diagnostic()?;
        ensure!(outcome == expected, "`reguid {}` did not end as it must", args.join(" "));
        Ok(())
    }

    fn inventory(&self, name: &str) -> miette::Result<Inventory> {
        Ok(source::read(self.root.join(name).as_str())?)
    }

    fn database(&self) -> miette::Result<Connection> {
        Connection::open(self.root.join("var/notes.sqlite3")).into_diagnostic()
    }
}

/// A note, a reminder or a setting, and the site that it stands at.
#[derive(PartialEq, Eq)]
struct Note {
    /// The cell that holds the id.
    stored: String,
    site: String,
    text: String,
}

/// Whether each note stands at the same site.
fn same_sites(left: &[Note], right: &[Note]) -> bool {
    left.iter().map(|n| (&n.site, &n.text)).eq(right.iter().map(|n| (&n.site, &n.text)))
}
