-- A daemon beside the extension fills the first three.
CREATE TABLE IF NOT EXISTS pours (
    site_id INTEGER NOT NULL,
    site_name TEXT NOT NULL,
    grams REAL
);
CREATE TABLE IF NOT EXISTS guests (
    client_id INTEGER NOT NULL,
    client_login TEXT,
    cups INTEGER
);
CREATE TABLE IF NOT EXISTS cups (
    webspace_id INTEGER NOT NULL,
    filled INTEGER
);
CREATE TABLE IF NOT EXISTS wishes (
    dom_id INTEGER,
    wish TEXT
);
CREATE TABLE IF NOT EXISTS pins (
    place INTEGER,
    text TEXT
);
CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS orders (
    customer_id INTEGER NOT NULL,
    leaf TEXT,
    FOREIGN KEY (customer_id) REFERENCES customers (id)
);
CREATE TABLE IF NOT EXISTS blenders (
    user_id TEXT PRIMARY KEY,
    access_token TEXT,
    client_id TEXT,
    client_secret TEXT
);
CREATE TABLE IF NOT EXISTS stripe_payments (
    subscription_id TEXT PRIMARY KEY,
    customer_id TEXT,
    plan_id TEXT,
    cents INTEGER
);
CREATE TABLE IF NOT EXISTS menu (
    item_id INTEGER,
    owner_id INTEGER,
    price INTEGER
);
