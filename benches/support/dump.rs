//! A generated dump of a server's databases: the same at every run, in the form that mariadb-dump writes.

use std::fmt::Write as _;

/// How large a statement may grow: the dump programs' own limit.
const STATEMENT: usize = 1_000_000;
/// Bytes of dump for each domain: a large server with many domains, and the mail, logs and shops of its customers.
const BYTES_A_DOMAIN: u64 = 100_000;
/// Objects for each domain.
const RECORDS: u64 = 6;
const MAILBOXES: u64 = 3;
const DOMAINS_A_CLIENT: u64 = 4;

/// A generator of numbers that needs nothing but its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Hands a dump of about `bytes` bytes to `write`, piece by piece; gives how many objects of the panel are in it.
pub(crate) fn generate(bytes: u64, mut write: impl FnMut(&str)) -> usize {
    let domains = (bytes / BYTES_A_DOMAIN).max(20);
    let clients = domains / DOMAINS_A_CLIENT + 1;
    let mut dump = Dump { write: &mut write, written: 0, statement: String::new(), random: Random(1), objects: 0 };
    dump.text("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: localhost    Database: \n-- ------------------------------------------------------\n/*!40101 SET NAMES utf8mb4 */;\n");
    dump.customers("admin_shop", bytes / 4);
    dump.text("\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `psa`;\n\nUSE `psa`;\n");
    dump.panel(clients, domains);
    dump.logs(bytes / 2);
    dump.customers("shop", bytes);
    dump.text("-- Dump completed on 2026-11-26  4:10:00\n");
    dump.objects
}

struct Dump<'a> {
    write: &'a mut dyn FnMut(&str),
    written: u64,
    statement: String,
    random: Random,
    objects: usize,
}

impl Dump<'_> {
    fn text(&mut self, text: &str) {
        self.written += text.len() as u64;
        (self.write)(text);
    }

    /// A table with rows from `row` until it gives none.
    fn table(&mut self, name: &str, columns: &str, mut row: impl FnMut(&mut Random, &mut String, u64) -> bool) -> u64 {
        let declared: String = columns.split(", ").map(|c| format!("  `{c}` varchar(255) DEFAULT NULL,\n")).collect();
        self.text(&format!("\n--\n-- Table structure for table `{name}`\n--\n\nDROP TABLE IF EXISTS `{name}`;\nCREATE TABLE `{name}` (\n{declared}  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;\n\n--\n-- Dumping data for table `{name}`\n--\n\nLOCK TABLES `{name}` WRITE;\n/*!40000 ALTER TABLE `{name}` DISABLE KEYS */;\n"));
        let mut rows = 0;
        let mut next = String::new();
        while row(&mut self.random, &mut next, rows + 1) {
            rows += 1;
            if self.statement.is_empty() {
                let _ = write!(self.statement, "INSERT INTO `{name}` VALUES\n{next}");
            } else {
                self.statement.push_str(",\n");
                self.statement.push_str(&next);
            }
            next.clear();
            if self.statement.len() > STATEMENT {
                self.end_statement();
            }
        }
        self.end_statement();
        self.text(&format!("/*!40000 ALTER TABLE `{name}` ENABLE KEYS */;\nUNLOCK TABLES;\n"));
        rows
    }

    fn end_statement(&mut self) {
        if !self.statement.is_empty() {
            self.statement.push_str(";\n");
            let statement = std::mem::take(&mut self.statement);
            self.text(&statement);
            self.statement = statement;
            self.statement.clear();
        }
    }

    /// The panel's objects.
    fn panel(&mut self, clients: u64, domains: u64) {
        let upto = |count: u64, row: fn(&mut Random, &mut String, u64)| {
            move |random: &mut Random, to: &mut String, n: u64| {
                row(random, to, n);
                n <= count
            }
        };
        let mut objects = 0;
        objects += self.table(
            "clients",
            "id, cr_date, cname, pname, login, passwd, parent_id, email, guid, status",
            upto(clients, |r, to, n| {
                let _ = write!(
                    to,
                    "({n},'2020-01-{:02}','Company {n}','Person \\'{n}\\'','client{n}','$AES-128-CBC${:x}',1,'mail{n}@example.com','{}',0)",
                    n % 28 + 1,
                    r.below(1 << 30),
                    guid(1, n)
                );
            }),
        );
        objects += self.table(
            "domains",
            "id, cr_date, name, displayName, dns_zone_id, status, htype, real_size, cl_id, vendor_id, webspace_id, parentDomainId, guid",
            upto(domains, |r, to, n| {
                let _ = write!(
                    to,
                    "({n},'2021-02-{:02}','domain{n}.example','domain{n}.example',{n},0,'vrt_hst',{},{},1,0,0,'{}')",
                    n % 28 + 1,
                    r.below(1 << 30),
                    n / DOMAINS_A_CLIENT + 1,
                    guid(2, n)
                );
            }),
        );
        objects += self.table(
            "dns_zone",
            "id, name, displayName, serial",
            upto(domains, |_, to, n| {
                let _ = write!(to, "({n},'domain{n}.example','domain{n}.example','2026010101')");
            }),
        );
        objects += self.table("dns_recs", "id, dns_zone_id, type, displayHost, host, displayVal, val, opt, time_stamp", upto(domains * RECORDS, |r, to, n| {
            let zone = n / RECORDS + 1;
            let _ = write!(to, "({n},{zone},'A','h{n}.domain{zone}.example.','h{n}.domain{zone}.example.','192.0.2.{0}','192.0.2.{0}','','2026-01-01 10:00:00')", r.below(256));
        }));
        objects += self.table(
            "mail",
            "id, mail_name, perm_id, dom_id, account_id, userId",
            upto(domains * MAILBOXES, |_, to, n| {
                let _ = write!(to, "({n},'box{n}',0,{},{n},0)", n / MAILBOXES + 1);
            }),
        );
        objects += self.table(
            "smb_users",
            "id, login, password, uuid, roleId, email, contactName, creationDate, ownerId, subscriptionDomainId",
            upto(clients, |r, to, n| {
                let _ = write!(
                    to,
                    "({n},'user{n}','$6${:x}','{}',1,'u{n}@example.com','User {n}','2022-01-01 10:00:00',{n},0)",
                    r.below(1 << 30),
                    guid(3, n)
                );
            }),
        );
        objects += self.table(
            "Subscriptions",
            "id, object_id, object_type",
            upto(domains, |_, to, n| {
                let _ = write!(to, "({n},{n},'domain')");
            }),
        );
        self.objects = usize::try_from(objects).unwrap();
    }

    /// The panel's tables that no inventory needs, up to a size of the dump.
    fn logs(&mut self, size: u64) {
        let mut left = size.saturating_sub(self.written);
        self.table("log_actions", "id, date, ip_address, user, action_id, object_id", |r, to, n| {
            let _ = write!(
                to,
                "({n},'2026-01-01 10:{:02}:00','192.0.2.{}','client{}',{},{})",
                r.below(60),
                r.below(256),
                r.below(9999),
                r.below(99),
                r.below(9999)
            );
            let length = to.len() as u64 + 2;
            let more = left > length;
            left = left.saturating_sub(length);
            more
        });
    }

    /// A customer's shop, up to a size of the dump.
    fn customers(&mut self, name: &str, size: u64) {
        self.text(&format!("\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `{name}`;\n\nUSE `{name}`;\n"));
        let mut left = size.saturating_sub(self.written);
        self.table("posts", "id, author, title, body, status, modified", |r, to, n| {
            let _ = write!(to, "({n},{},'It\\'s post number {n}','<p class=\\\"entry\\\">", r.below(500));
            for _ in 0..r.below(40) {
                let _ = write!(to, "word{} and; some (text), it\\'s a \\\\ path\\n", r.below(5000));
            }
            let _ = write!(to, "</p>','publish','2026-01-01 10:{:02}:00')", r.below(60));
            let length = to.len() as u64 + 2;
            let more = left > length;
            left = left.saturating_sub(length);
            more
        });
    }
}

fn guid(kind: u64, number: u64) -> String {
    format!("{:08x}-{kind:04x}-4a1b-9c2d-{:012x}", number.wrapping_mul(2_654_435_761) & 0xffff_ffff, number)
}
