//! Taking entries out of a manifest without touching the rest of it.

use toml_edit::{DocumentMut, Item};

use super::Manifest;

/// The manifest's text without its `[[lint.ignore]]` number `index`, counted from 0. `None`: there is no such entry.
#[must_use]
pub fn without_ignore(manifest: &Manifest, index: usize) -> Option<String> {
    let mut document: DocumentMut = manifest.text.parse().ok()?;
    let lint = document.get_mut("lint")?.as_table_like_mut()?;
    let empty = match lint.get_mut("ignore")? {
        Item::ArrayOfTables(tables) if index < tables.len() => {
            tables.remove(index);
            tables.is_empty()
        }
        Item::Value(value) => {
            let array = value.as_array_mut().filter(|a| index < a.len())?;
            array.remove(index);
            array.is_empty()
        }
        _ => return None,
    };
    if empty {
        lint.remove("ignore");
    }
    let text = document.to_string();
    Manifest::parse(&manifest.path, &text).ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_goes_and_the_rest_stays() {
        let one = "[[lint.ignore]]\nrule = 'a'\nreason = 'one'\n";
        let two = "# mine\n[[lint.ignore]]\nrule = 'b'   # odd\nreason = 'two'\n";
        let after = "\n[[reference]]\nsetting-key = 's-{domain}'\n";
        let without = |text: &str, index| {
            let manifest = Manifest::parse("reguid.toml".into(), text).unwrap();
            without_ignore(&manifest, index)
        };
        let all = format!("{one}{two}{after}");
        assert_eq!(without(&all, 0).unwrap(), format!("{two}{after}"));
        assert_eq!(without(&all, 1).unwrap(), format!("{one}{after}"));
        assert_eq!(without(&all, 2), None);
        let inline = "[lint]\nfail-on = 'error'\nignore = [{ rule = 'a', reason = 'one' }]\n";
        assert_eq!(without(inline, 0).unwrap(), "[lint]\nfail-on = 'error'\n");
    }
}
