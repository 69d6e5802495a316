//! `~/.my.cnf`, where clients of MySQL look for what the command line leaves out.

/// What the sections for clients say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) user: Option<String>,
    pub(super) password: Option<super::Secret>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<String>,
}

/// The sections that a client reads; a later one counts before an earlier one.
const SECTIONS: [&str; 4] = ["client", "client-mariadb", "mysql", "mariadb-client"];

/// Reads the text of an option file. Lines that say nothing of these options, and includes, are passed over.
pub(super) fn read(text: &str) -> Options {
    let mut options = Options::default();
    let mut counts = false;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            counts = SECTIONS.contains(&section.trim().to_ascii_lowercase().as_str());
            continue;
        }
        if !counts || line.starts_with(['#', ';', '!']) {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match name.trim().replace('-', "_").as_str() {
            "user" => options.user = Some(value),
            "password" => options.password = Some(super::Secret::new(value)),
            "host" => options.host = Some(value),
            "port" => options.port = value.parse().ok(),
            "socket" => options.socket = Some(value),
            _ => {}
        }
    }
    options
}

/// A value without its quotes, its escapes read. A `#` begins a remark outside of quotes only.
fn unquoted(value: &str) -> String {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = match quote {
        Some(quote) => value[1..].rsplit_once(quote).map_or(&value[1..], |(inner, _)| inner),
        None => value.split(" #").next().unwrap_or_default().trim_end(),
    };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => plain.push('\n'),
            ('\\', Some('t')) => plain.push('\t'),
            ('\\', Some('r')) => plain.push('\r'),
            ('\\', Some('b')) => plain.push('\u{8}'),
            ('\\', Some('s')) => plain.push(' '),
            ('\\', Some(c @ ('\\' | '"' | '\''))) => plain.push(c),
            ('\\', Some(other)) => plain.extend(['\\', other]),
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::Secret;
    use super::*;

    #[test]
    fn the_sections_of_clients_are_read() {
        let options = read(
            "# mine\nuser=nobody\n[mysqld]\nuser = mysql\n[client]\nuser = admin # the panel's\npassword = \"p#w\\\\d\\\"\"\nsocket=/run/s\n!include /x\n[mysql]\nport=3307\n",
        );
        let secret = |text: &str| Some(Secret::new(text.to_owned()));
        assert_eq!((options.user.as_deref(), options.password), (Some("admin"), secret("p#w\\d\"")));
        assert_eq!((options.socket.as_deref(), options.port, options.host), (Some("/run/s"), Some(3307), None));
        assert_eq!(read("[client]\npassword='a\\sb'").password, secret("a b"));
        assert_eq!(read("[client]\npassword=$AES-128-CBC$x==$y=").password, secret("$AES-128-CBC$x==$y="));
        assert_eq!(read("[client\npassword"), Options::default());
    }
}
