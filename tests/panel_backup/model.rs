//! A panel made up by chance, written as a database and as a backup.

use std::fmt::Write as _;
use std::path::Path;

pub(crate) struct Panel {
    clients: Vec<Client>,
    domains: Vec<Domain>,
    servers: Vec<(u32, String, u16, &'static str)>,
    databases: Vec<Database>,
    database_users: Vec<DatabaseUser>,
    mailboxes: Vec<Mailbox>,
}

struct Client {
    id: u32,
    guid: String,
    login: String,
    /// `admin`, `reseller`, `client`.
    role: &'static str,
    parent: u32,
    created: String,
}

struct Domain {
    id: u32,
    guid: String,
    /// As people read it.
    name: String,
    owner: u32,
    /// The subscription's main domain; 0: it is one.
    webspace: u32,
    /// The domain that it is a subdomain of.
    parent: u32,
    created: String,
}

struct Database {
    id: u32,
    name: String,
    domain: u32,
    server: u32,
}

struct DatabaseUser {
    id: u32,
    login: String,
    database: u32,
    domain: u32,
}

struct Mailbox {
    id: u32,
    name: String,
    domain: u32,
}

/// Numbers that look random and are the same at every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(limit)).unwrap()
    }

    fn guid(&mut self) -> String {
        match self.below(12) {
            0 => "00000000-0000-0000-0000-000000000000".to_owned(),
            1 => "deadbeef-1111-4111-8111-111111111111".to_owned(),
            _ => {
                let mut part = |limit| self.below(limit);
                format!(
                    "{:08x}-{:04x}-4{:03x}-8{:03x}-{:08x}{:04x}",
                    part(u32::MAX),
                    part(1 << 16),
                    part(1 << 12),
                    part(1 << 12),
                    part(u32::MAX),
                    part(1 << 16)
                )
            }
        }
    }

    fn date(&mut self) -> String {
        format!("20{:02}-{:02}-{:02}", 10 + self.below(15), 1 + self.below(12), 1 + self.below(28))
    }
}

impl Panel {
    pub(crate) fn new(seed: u64) -> Panel {
        let mut chance = Chance(seed);
        let mut id = 0;
        let mut next = |chance: &mut Chance| {
            id += 1 + chance.below(3);
            id
        };
        let words = ["shop", "büro", "o'hara", "a&b", "x<y", "q\"q", "mail", "ünïcode", "under_score", "dash-ed"];
        let mut clients =
            vec![Client { id: 1, guid: chance.guid(), login: "admin".into(), role: "admin", parent: 0, created: chance.date() }];
        for number in 0..3 + chance.below(6) {
            let reseller = chance.below(3) == 0;
            let owners: Vec<u32> = clients.iter().filter(|c| c.role != "client").map(|c| c.id).collect();
            let parent = if reseller { 1 } else { owners[chance.below(u32::try_from(owners.len()).unwrap()) as usize] };
            let login = format!("{}{number}", words[chance.below(10) as usize]);
            let role = if reseller { "reseller" } else { "client" };
            clients.push(Client { id: 1 + next(&mut chance), guid: chance.guid(), login, role, parent, created: chance.date() });
        }
        let mut domains: Vec<Domain> = Vec::new();
        for number in 0..5 + chance.below(10) {
            let mains: Vec<(u32, u32)> = domains.iter().filter(|d| d.webspace == 0).map(|d| (d.id, d.owner)).collect();
            let word = ["shop", "büro", "plain", "mail", "a-b"][chance.below(5) as usize];
            let (mut name, mut parent) = (format!("{word}{number}.example"), 0);
            let (webspace, owner) = if chance.below(2) == 0 && !mains.is_empty() {
                let (main, owner) = mains[chance.below(u32::try_from(mains.len()).unwrap()) as usize];
                let siblings: Vec<&Domain> = domains.iter().filter(|d| d.webspace == main && d.parent == 0).collect();
                if let Some(sibling) = siblings.first().filter(|_| chance.below(2) == 0) {
                    (name, parent) = (format!("sub{number}.{}", sibling.name), sibling.id);
                }
                (main, owner)
            } else {
                (0, clients[chance.below(u32::try_from(clients.len()).unwrap()) as usize].id)
            };
            domains.push(Domain { id: next(&mut chance), guid: chance.guid(), name, owner, webspace, parent, created: chance.date() });
        }
        let servers = vec![
            (1, "localhost".to_owned(), 3306, "mysql"),
            (4, "db2.hoster.example".to_owned(), 5432, "postgresql"),
            (7, "::1".to_owned(), 0, "mysql"),
        ];
        let (mut databases, mut database_users, mut mailboxes) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..12 {
            let domain = domains[chance.below(u32::try_from(domains.len()).unwrap()) as usize].id;
            let word = words[chance.below(10) as usize];
            let database =
                Database { id: next(&mut chance), name: format!("{word}_{number}"), domain, server: servers[chance.below(3) as usize].0 };
            for user in 0..chance.below(3) {
                database_users.push(DatabaseUser {
                    id: next(&mut chance),
                    login: format!("{word}{number}{user}"),
                    database: database.id,
                    domain,
                });
            }
            if chance.below(3) == 0 {
                database_users.push(DatabaseUser { id: next(&mut chance), login: format!("all{number}"), database: 0, domain });
            }
            databases.push(database);
            mailboxes.push(Mailbox { id: next(&mut chance), name: format!("{word}{number}"), domain });
        }
        Panel { clients, domains, servers, databases, database_users, mailboxes }
    }

    /// The statements that fill the tables of the panel.
    pub(crate) fn sql(&self) -> String {
        let mut sql = String::new();
        let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
        for c in &self.clients {
            let email = quoted(&format!("{}@mail.example", c.login));
            writeln!(
                sql,
                "INSERT INTO clients (id, parent_id, type, cr_date, login, passwd, email, guid) VALUES ({}, {}, '{}', '{}', {}, 'secret', {email}, '{}');",
                c.id, c.parent, c.role, c.created, quoted(&c.login), c.guid
            )
            .unwrap();
        }
        for d in &self.domains {
            let ascii = quoted(&idna::domain_to_ascii(&d.name).unwrap());
            writeln!(
                sql,
                "INSERT INTO domains (id, cr_date, name, displayName, cl_id, webspace_id, parentDomainId, guid) VALUES ({}, '{}', {ascii}, {}, {}, {}, {}, '{}');",
                d.id, d.created, quoted(&d.name), d.owner, d.webspace, d.parent, d.guid
            )
            .unwrap();
        }
        for (id, host, port, kind) in &self.servers {
            writeln!(sql, "INSERT INTO DatabaseServers (id, host, port, type) VALUES ({id}, {}, {port}, '{kind}');", quoted(host)).unwrap();
        }
        for d in &self.databases {
            let name = quoted(&d.name);
            writeln!(
                sql,
                "INSERT INTO data_bases (id, name, type, dom_id, db_server_id) VALUES ({}, {name}, 'mysql', {}, {});",
                d.id, d.domain, d.server
            )
            .unwrap();
        }
        for u in &self.database_users {
            writeln!(
                sql,
                "INSERT INTO db_users (id, login, db_id, dom_id) VALUES ({}, {}, {}, {});",
                u.id,
                quoted(&u.login),
                u.database,
                u.domain
            )
            .unwrap();
        }
        for m in &self.mailboxes {
            writeln!(sql, "INSERT INTO mail (id, mail_name, dom_id) VALUES ({}, {}, {});", m.id, quoted(&m.name), m.domain).unwrap();
        }
        sql
    }

    /// One XML file with everything.
    pub(crate) fn xml(&self) -> String {
        root(&(self.client(&self.clients[0], false) + "<server/>"))
    }

    /// A folder as the panel stores a backup: an XML file for each client and each subscription.
    pub(crate) fn tree(&self, folder: &Path, dates: &str) {
        let file = |path: &str, xml: &str| {
            let path = folder.join(path).join(format!("backup_info_{dates}.xml"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, root(xml)).unwrap();
        };
        for c in &self.clients {
            let folder = self.folder(c);
            file(&folder, &(self.client(c, true) + if c.role == "admin" { "<server/>" } else { "" }));
            for (number, d) in self.domains.iter().filter(|d| d.owner == c.id && d.webspace == 0).enumerate() {
                file(&format!("{folder}domains/d{number}"), &self.domain(d));
            }
        }
    }

    fn folder(&self, client: &Client) -> String {
        let Some(parent) = self.clients.iter().find(|c| c.id == client.parent) else { return String::new() };
        format!("{}{}s/c{}/", self.folder(parent), client.role, client.id)
    }

    fn client(&self, client: &Client, split: bool) -> String {
        let owner = self.clients.iter().find(|c| c.id == client.parent);
        let owner = owner.map(|o| format!(" owner-guid=\"{0}\" vendor-guid=\"{0}\"", o.guid)).unwrap_or_default();
        let (role, name) = (client.role, if client.role == "admin" { "host.example" } else { &client.login });
        let mut xml = format!(
            "<{role} id=\"{}\" guid=\"{}\" name=\"{}\"{owner} cr-date=\"{}\"><properties><password type=\"plain\">secret</password></properties>\n",
            client.id,
            client.guid,
            escaped(name),
            client.created
        );
        for c in self.clients.iter().filter(|c| c.parent == client.id && c.id != client.id) {
            if split {
                writeln!(xml, "<{}-info name=\"{}\" guid=\"{}\"/>", c.role, escaped(&c.login), c.guid).unwrap();
            } else {
                write!(xml, "<{}s>{}</{0}s>", c.role, self.client(c, false)).unwrap();
            }
        }
        xml.push_str("<domains>\n");
        for d in self.domains.iter().filter(|d| d.owner == client.id && d.webspace == 0) {
            if split {
                writeln!(xml, "<domain-info name=\"{}\" guid=\"{}\"/>", escaped(&d.name), d.guid).unwrap();
            } else {
                xml.push_str(&self.domain(d));
            }
        }
        writeln!(xml, "</domains></{role}>").unwrap();
        xml
    }

    fn domain(&self, domain: &Domain) -> String {
        let element = if domain.webspace == 0 { "domain" } else { "site" };
        let owner = &self.clients.iter().find(|c| c.id == domain.owner).unwrap().guid;
        let mut xml = format!(
            "<{element} id=\"{}\" guid=\"{}\" name=\"{}\" owner-guid=\"{owner}\" cr-date=\"{}\"",
            domain.id,
            domain.guid,
            escaped(&domain.name),
            domain.created
        );
        if let Some(parent) = self.domains.iter().find(|d| d.id == domain.parent) {
            write!(xml, " parent-domain-name=\"{}\"", escaped(&parent.name)).unwrap();
        }
        xml.push_str(">\n<databases>");
        for d in self.databases.iter().filter(|d| d.domain == domain.id) {
            let (_, host, port, kind) = self.servers.iter().find(|s| s.0 == d.server).unwrap();
            write!(xml, "<database id=\"{0}\" guid=\"{1}_db_{0}\" name=\"{2}\" type=\"{kind}\">", d.id, domain.guid, escaped(&d.name))
                .unwrap();
            for u in self.database_users.iter().filter(|u| u.database == d.id) {
                write!(xml, "<dbuser id=\"{}\" name=\"{}\"/>", u.id, escaped(&u.login)).unwrap();
            }
            write!(xml, "<db-server type=\"{kind}\"><host>{host}</host><port>{port}</port></db-server></database>").unwrap();
        }
        xml.push_str("<dbusers>");
        for u in self.database_users.iter().filter(|u| u.database == 0 && u.domain == domain.id) {
            write!(xml, "<dbuser id=\"{}\" name=\"{}\"/>", u.id, escaped(&u.login)).unwrap();
        }
        xml.push_str("</dbusers></databases>\n<mailsystem><mailusers>");
        for m in self.mailboxes.iter().filter(|m| m.domain == domain.id) {
            write!(xml, "<mailuser id=\"{0}\" guid=\"{1}_mn_{0}\" name=\"{2}\"/>", m.id, domain.guid, escaped(&m.name)).unwrap();
        }
        write!(xml, "</mailusers></mailsystem>\n<phosting guid=\"{}_ph_{}\"><sites>", domain.guid, domain.id).unwrap();
        for d in self.domains.iter().filter(|d| d.webspace == domain.id) {
            xml.push_str(&self.domain(d));
        }
        writeln!(xml, "</sites></phosting></{element}>").unwrap();
        xml
    }
}

fn root(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<migration-dump dump-version=\"18.0.60\" dump-format=\"panel\">\n{inner}</migration-dump>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
