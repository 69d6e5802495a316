//! The names of a backup's XML files, and which files make up one backup.

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts;

/// The name of a backup's XML file: `backup_info_2611230410.xml`, for an increment `backup_info_2611220410_2611230410.xml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InfoName {
    /// When the backup was made: YYMMDDhhmm.
    pub(super) date: String,
    /// The date of the backup that it builds on.
    pub(super) base: Option<String>,
    /// The word in front.
    word: String,
}

impl InfoName {
    /// Takes a file's name apart.
    pub(super) fn parse(name: &str) -> Option<InfoName> {
        let (word, dates) = name.strip_suffix(".xml")?.split_once(&facts::get().format.infix)?;
        let is_date = |date: &str| date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit());
        let (base, date) = dates.split_once('_').map_or((None, dates), |(base, date)| (Some(base), date));
        let right = is_date(date) && base.is_none_or(is_date) && !word.is_empty();
        right.then(|| InfoName { date: date.to_owned(), base: base.map(str::to_owned), word: word.to_owned() })
    }

    /// When the backup was made, as people write it: `2026-11-23 04:10`. Whose clock that is, the name does not tell.
    pub(super) fn taken(&self) -> Option<String> {
        let part = |at: usize| &self.date[at..at + 2];
        let right = ("01"..="12").contains(&part(2)) && ("01"..="31").contains(&part(4)) && part(6) < "24" && part(8) < "60";
        right.then(|| format!("20{}-{}-{} {}:{}", part(0), part(2), part(4), part(6), part(8)))
    }

    /// The name of the whole backup of `date`.
    pub(super) fn whole(&self, date: &str) -> String {
        format!("{}{}{date}.xml", self.word, facts::get().format.infix)
    }
}

impl fmt::Display for InfoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base.as_ref().map(|b| format!("{b}_")).unwrap_or_default();
        write!(f, "{}{}{base}{}.xml", self.word, facts::get().format.infix, self.date)
    }
}

/// How deep folders of objects lie in each other at most: resellers, their customers, those's domains, and their databases.
pub(super) const DEEPEST: usize = 6;

/// An example of such a name.
pub(super) fn example() -> String {
    format!("backup{}<date>.xml", facts::get().format.infix)
}

/// An XML file that was found: its folder, relative to the place that was searched, with a slash behind it or empty; and its name.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) folder: String,
    pub(super) name: InfoName,
}

impl Found {
    pub(super) fn path(&self) -> String {
        format!("{}{}", self.folder, self.name)
    }

    fn depth(&self) -> usize {
        self.folder.matches('/').count()
    }

    /// The folder of the backup that the file belongs to: its own without the folders of objects at the end, `clients/<login>/domains/<name>/`.
    pub(super) fn root(&self) -> &str {
        let folders = &facts::get().format.folders;
        let mut root = self.folder.as_str();
        for _ in 0..DEEPEST {
            let mut parts = root.strip_suffix('/').unwrap_or_default().rsplitn(3, '/');
            let (Some(name), Some(group)) = (parts.next(), parts.next()) else { break };
            if !folders.iter().any(|f| f == group) {
                break;
            }
            root = &root[..root.len() - name.len() - group.len() - 2];
        }
        root
    }
}

/// The files of one backup.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The file that speaks for the backup.
    pub(super) main: usize,
    /// The files of the backup, of the one that it builds on, and so on.
    pub(super) layers: Vec<Vec<usize>>,
    /// The date of a backup that it builds on and that is not there.
    pub(super) lacks: Option<String>,
    /// Newer backups that were not taken because one that they build on is not there, and how many other ones there are.
    pub(super) newer: Vec<usize>,
    pub(super) others: usize,
}

/// The most backups that build on each other. Panels make a whole one anew after a few weeks.
const LONGEST_CHAIN: usize = 1000;

/// All files that were found, by the backup that they belong to: its word and its date.
struct Groups<'a> {
    found: &'a [Found],
    files: FxHashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn of(found: &'a [Found]) -> Groups<'a> {
        let mut files: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for (i, file) in found.iter().enumerate() {
            files.entry((file.name.word.as_str(), file.name.date.as_str())).or_default().push(i);
        }
        Groups { found, files }
    }

    /// The files of the backup that `main` speaks for, and of those that it builds on.
    fn chain(&self, main: usize) -> Chosen {
        let name = &self.found[main].name;
        let mut chosen = Chosen { main, layers: Vec::new(), lacks: None, newer: Vec::new(), others: 0 };
        let mut date = name.date.as_str();
        loop {
            let layer = self.files.get(&(name.word.as_str(), date)).filter(|_| chosen.layers.len() < LONGEST_CHAIN);
            let Some(layer) = layer else {
                chosen.lacks = Some(date.to_owned());
                return chosen;
            };
            // Only a date before this one goes on, so that files that build on each other come to an end.
            let base = layer.iter().filter_map(|&i| self.found[i].name.base.as_deref()).filter(|b| *b < date).max();
            chosen.layers.push(layer.clone());
            match base {
                Some(base) => date = base,
                None => return chosen,
            }
        }
    }
}

/// The files of the backup that `main` speaks for, and of those that it builds on.
pub(super) fn chain(found: &[Found], main: usize) -> Chosen {
    Groups::of(found).chain(main)
}

/// The newest backup of all that were found: the newest one that is whole, or stands on a whole one. `Err`: several that stand side by side.
pub(super) fn newest(found: &[Found]) -> Result<Chosen, Vec<usize>> {
    let groups = Groups::of(found);
    let shallowest = found.iter().map(Found::depth).min().unwrap_or_default();
    let mut top: Vec<usize> = (0..found.len()).filter(|&i| found[i].depth() == shallowest).collect();
    top.sort_by(|&a, &b| (&found[b].name, &found[b].folder).cmp(&(&found[a].name, &found[a].folder)));
    let Some(&first) = top.first() else { return Err(top) };
    if top.iter().any(|&i| found[i].folder != found[first].folder) {
        // The folders of several objects, and none of what they belong to.
        top = (0..found.len()).collect();
        top.sort_by(|&a, &b| (&found[b].name.date, &found[b].folder).cmp(&(&found[a].name.date, &found[a].folder)));
        let chosen = groups.chain(top[0]);
        if chosen.layers.iter().map(Vec::len).sum::<usize>() < found.len() {
            top.dedup_by(|a, b| (&found[*a].name.date, &found[*a].name.word) == (&found[*b].name.date, &found[*b].name.word));
            return Err(top);
        }
        return Ok(chosen);
    }
    let whole = top.iter().map(|&i| groups.chain(i)).enumerate().find(|(_, c)| c.lacks.is_none());
    let (at, mut chosen) = whole.unwrap_or_else(|| (0, groups.chain(first)));
    let twins: Vec<usize> = top.iter().filter(|&&i| found[i].name.date == found[chosen.main].name.date).copied().collect();
    if twins.len() > 1 {
        return Err(twins);
    }
    let taken: FxHashSet<usize> = chosen.layers.iter().flatten().copied().collect();
    chosen.newer = top[..at].to_vec();
    chosen.others = top[at..].iter().filter(|i| !taken.contains(i)).count();
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<Found> {
        paths
            .iter()
            .map(|path| {
                let (folder, name) = path.rsplit_once('/').map_or(("", *path), |(f, n)| (f, n));
                let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
                Found { folder, name: InfoName::parse(name).unwrap() }
            })
            .collect()
    }

    #[test]
    fn names_are_taken_apart() {
        let whole = InfoName::parse("backup_info_2611230410.xml").unwrap();
        assert_eq!((whole.to_string().as_str(), whole.taken().as_deref()), ("backup_info_2611230410.xml", Some("2026-11-23 04:10")));
        assert_eq!(InfoName::parse("backup_info_2613230410.xml").unwrap().taken(), None, "there is no such month");
        let part = InfoName::parse("my-own_info_2611220410_2611230410.xml").unwrap();
        assert_eq!(part.to_string(), "my-own_info_2611220410_2611230410.xml");
        assert_eq!(part.whole("2611220410"), "my-own_info_2611220410.xml");
        for other in [
            "backup_info_26112304.xml",
            "backup_info_.xml",
            "_info_2611230410.xml",
            "backup_info_2611230410.xml.gz",
            "backup_2611230410.xml",
            "backup_info_a_2611230410.xml",
        ] {
            assert_eq!(InfoName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn folders_of_objects_lie_in_that_of_the_backup() {
        let root = |folder: &str| {
            let path = format!("{folder}backup_info_2611200000.xml");
            found(&[&path])[0].root().to_owned()
        };
        for (folder, expected) in [
            ("", ""),
            ("a/", "a/"),
            ("domains/a/", ""),
            ("domains/", "domains/"),
            ("x/clients/b/domains/a/", "x/"),
            ("x/clients/b/other/a/", "x/clients/b/other/a/"),
            (".discovered/backup_info_2611200000/", ".discovered/backup_info_2611200000/"),
        ] {
            assert_eq!(root(folder), expected, "{folder}");
        }
        assert_eq!(root(&"domains/a/".repeat(DEEPEST)), "");
        assert_eq!(root(&"domains/a/".repeat(DEEPEST + 1)), "domains/a/");
    }

    #[test]
    fn the_newest_backup_with_all_that_it_builds_on() {
        let all = found(&[
            "backup_info_2611200000.xml",
            "backup_info_2611200000_2611210000.xml",
            "domains/a/backup_info_2611200000.xml",
            "domains/a/backup_info_2611200000_2611210000.xml",
            "domains/b/backup_info_2611210000.xml",
            "domains/b/backup_info_2611220000.xml",
            "backup_info_2611150000.xml",
        ]);
        let chosen = newest(&all).unwrap();
        assert_eq!((chosen.main, &chosen.layers[..]), (1, &[vec![1, 3, 4], vec![0, 2]][..]));
        assert_eq!((chosen.lacks, chosen.newer, chosen.others), (None, vec![], 1));
    }

    #[test]
    fn an_increment_without_its_base_is_taken_only_where_nothing_else_is() {
        let all = found(&["backup_info_2611200000_2611210000.xml", "backup_info_2611150000.xml"]);
        let chosen = newest(&all).unwrap();
        assert_eq!((chosen.main, chosen.newer), (1, vec![0]));
        let chosen = newest(&all[..1]).unwrap();
        assert_eq!((chosen.main, chosen.lacks.as_deref()), (0, Some("2611200000")));
    }

    #[test]
    fn backups_side_by_side_are_not_chosen_from() {
        let several = newest(&found(&["domains/a/backup_info_2611200000.xml", "domains/b/backup_info_2611210000.xml"])).unwrap_err();
        assert_eq!(several, [1, 0]);
        assert!(newest(&found(&["domains/a/backup_info_2611200000.xml", "domains/b/backup_info_2611200000.xml"])).is_ok());
        assert!(newest(&found(&["domains/a/backup_info_2611200000.xml"])).is_ok());
        let twins = newest(&found(&["backup_info_2611200000.xml", "mine_info_2611200000.xml"])).unwrap_err();
        assert_eq!(twins.len(), 2);
    }
}
