//! Where a live database server is: `mysql://user@host:3306/psa`, `mysql:///psa?socket=/run/mysqld/mysqld.sock`.
//!
//! The form is the one that clients of MySQL share. A password has no place in it: whoever may list processes can read a command line.

use std::fmt;

/// The port of MySQL's protocol.
const PORT: u16 = 3306;

/// Where a server is, whom to log in as, and which of its databases is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) user: Option<String>,
    /// The host's name or address; `None` for this machine's socket.
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<String>,
    pub(super) database: Option<String>,
    /// The file with the password.
    pub(super) password_file: Option<String>,
}

/// What is wrong with an address, and what to write instead. Never quotes more of the address than the parameter that it does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) help: &'static str,
}

const FORM: &str =
    "write `mysql://USER@HOST/DATABASE`, or `mysql://USER@/DATABASE?socket=/path/to/mysqld.sock` for a socket on this machine";

impl Address {
    /// Takes apart what follows `mysql:` or `mariadb:`.
    pub(super) fn parse(rest: &str) -> Result<Address, Wrong> {
        let wrong = |what: &str| Wrong { what: what.to_owned(), help: FORM };
        let mut address = Address::default();
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let rest = match rest.strip_prefix("//") {
            Some(rest) => rest,
            None if rest.is_empty() => "",
            None => return Err(wrong("the address lacks `//` before the server")),
        };
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let host = match authority.rsplit_once('@') {
            Some((user, host)) => {
                let user = decoded(user).ok_or_else(|| wrong("the user's name is not well encoded"))?;
                // However it is encoded: what stands behind a colon is shown nowhere, the server's own messages included.
                if user.contains(':') {
                    return Err(Wrong {
                        what: "the address holds a password, which everybody on this machine can read while the command runs".to_owned(),
                        help: "leave it out and name a file that holds it: `mysql://USER@HOST/DATABASE?password-file=FILE`; without one it is taken from \
                               MYSQL_PWD or ~/.my.cnf, which may also name a user with a `:` in his name",
                    });
                }
                address.user = Some(user).filter(|u| !u.is_empty());
                host
            }
            None => authority,
        };
        address.set_host(host).ok_or_else(|| wrong("the server's name or port is not well written"))?;
        address.database =
            Some(decoded(database).ok_or_else(|| wrong("the database's name is not well encoded"))?).filter(|d| !d.is_empty());
        if address.database.as_ref().is_some_and(|d| d.contains('/')) {
            return Err(wrong("the database's name has a `/` in it"));
        }
        for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            // What is not written like a parameter's name may be a piece of a password that is not well encoded.
            let is_name = name.len() <= 30 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            let shown = if is_name { format!("the parameter `{name}`") } else { "one of the parameters".to_owned() };
            let value = decoded(value).filter(|v| !v.is_empty()).ok_or_else(|| wrong(&format!("{shown} has no value")))?;
            match name {
                "socket" => address.socket = Some(value),
                "password-file" => address.password_file = Some(value),
                "password" => return Err(Wrong { what: "the address holds a password".to_owned(), help: "use `password-file=FILE`" }),
                _ => {
                    return Err(Wrong { what: format!("{shown} is not known"), help: "known are `socket` and `password-file`" });
                }
            }
        }
        if address.socket.is_some() && address.host.as_deref().is_some_and(|h| h != "localhost") {
            return Err(wrong("the address names a host and a socket"));
        }
        Ok(address)
    }

    fn set_host(&mut self, host: &str) -> Option<()> {
        // An address of IPv6 stands in brackets.
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (name, after) = rest.split_once(']')?;
                (name.to_owned(), after.strip_prefix(':').or(if after.is_empty() { None } else { Some("?") }))
            }
            None => match host.split_once(':') {
                Some((name, port)) => (decoded(name)?, Some(port)),
                None => (decoded(host)?, None),
            },
        };
        self.port = port.map(str::parse).transpose().ok()?.filter(|port| *port != 0);
        if port.is_some() && self.port.is_none() {
            return None;
        }
        if !name.starts_with('/') && !host.starts_with('[') && name.contains([':', '@']) {
            // No host is called so: this is a user and a password whose marks are encoded.
            return None;
        }
        if name.starts_with('/') {
            self.socket = Some(name);
        } else if !name.is_empty() {
            self.host = Some(name);
        }
        Some(())
    }

    /// The host and port to connect to; `None`: a socket on this machine. As clients of MySQL have it, `localhost` without a port is the socket.
    pub(super) fn tcp(&self) -> Option<(&str, u16)> {
        let host = self.host.as_deref()?;
        (host != "localhost" || self.port.is_some()).then_some((host, self.port.unwrap_or(PORT)))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mysql://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if let Some((host, port)) = self.tcp() {
            if host.contains(':') {
                write!(f, "[{host}]")?
            } else {
                f.write_str(host)?
            }
            if port != PORT {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.database.as_deref().unwrap_or_default())?;
        match (&self.socket, self.tcp()) {
            (Some(socket), None) => write!(f, "?socket={socket}"),
            _ => Ok(()),
        }
    }
}

/// `text` with `%2F` and the like read.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok().filter(|d| !d.starts_with('+'))?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(rest: &str) -> Address {
        Address::parse(rest).unwrap_or_else(|e| panic!("{rest}: {e:?}"))
    }

    #[test]
    fn addresses_are_taken_apart() {
        let all = parse("//admin@db.example:3307/psa?password-file=/etc/pass%20word");
        assert_eq!((all.user.as_deref(), all.tcp(), all.database.as_deref()), (Some("admin"), Some(("db.example", 3307)), Some("psa")));
        assert_eq!(all.password_file.as_deref(), Some("/etc/pass word"));
        assert_eq!(parse("//db.example").tcp(), Some(("db.example", 3306)));
        assert_eq!(parse("//[::1]:3307/psa").tcp(), Some(("::1", 3307)));
        assert_eq!(parse("//localhost:3306/psa").tcp(), Some(("localhost", 3306)));
        for socket in ["//root@/psa?socket=/run/s", "//root@%2Frun%2Fs/psa", "//root@localhost/psa?socket=/run/s"] {
            let address = parse(socket);
            assert_eq!((address.tcp(), address.socket.as_deref()), (None, Some("/run/s")), "{socket}");
        }
        assert_eq!(parse(""), Address::default());
        assert_eq!(parse("///psa"), Address { database: Some("psa".to_owned()), ..Address::default() });
        assert_eq!(parse("//a%40b@h/d").user.as_deref(), Some("a@b"));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_password() {
        for (rest, says) in [
            ("//root:s3cret@localhost/psa", "holds a password"),
            ("//root:s3:cr@et@localhost/psa", "holds a password"),
            ("//root%3As3cret@localhost/psa", "holds a password"),
            ("//root%3as3cret@/psa?socket=/run/s", "holds a password"),
            ("//root@h/psa?password=s3cret", "holds a password"),
            ("root:s3cret@h", "lacks `//`"),
            ("//h:s3cret/psa", "not well written"),
            ("//h:0/psa", "not well written"),
            ("//h:99999/psa", "not well written"),
            ("//[::1/psa", "not well written"),
            ("//[::1]x/psa", "not well written"),
            ("//h/psa/s3cret", "`/` in it"),
            ("//h/psa?tls=1", "`tls` is not known"),
            ("//h/psa?socket", "no value"),
            ("//h/psa?socket=/s", "a host and a socket"),
            ("//root%3As3cret%40h/psa", "not well written"),
            ("//root%40s3cret/psa", "not well written"),
            ("//root%3Ax?s3cret@h/psa", "not well written"),
            ("//h/psa?s3cret@h/psa", "one of the parameters has no value"),
            ("//h/psa?PASS%3Ds3cret", "one of the parameters has no value"),
            ("//h/psa?S3cret=x", "one of the parameters is not known"),
            ("//%zz@h/psa", "not well encoded"),
            ("//%+1@h/psa", "not well encoded"),
            ("//h/%ff", "not well encoded"),
        ] {
            let wrong = Address::parse(rest).expect_err(rest);
            assert!(wrong.what.contains(says), "{rest}: {}", wrong.what);
            assert!(!format!("{wrong:?}").to_lowercase().contains("s3c"), "{rest}");
        }
    }

    #[test]
    fn an_address_is_written_as_it_is_read() {
        for text in ["//admin@db.example/psa", "//[::1]:3307/psa", "//root@/psa?socket=/run/s", "///psa"] {
            assert_eq!(parse(text).to_string(), format!("mysql:{text}"));
        }
        assert_eq!(parse("//a@h/psa?password-file=/x").to_string(), "mysql://a@h/psa");
    }
}
