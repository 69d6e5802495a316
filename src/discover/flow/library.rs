//! What PHP's own functions, and the request objects of the framework that the panel uses, do with values.

/// How a function of PHP passes values from its arguments to its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum Passes {
    /// Argument n comes out as it is (as a number, text, filtered, reordered, encoded).
    Same(usize),
    /// Argument n comes out, and as a text it may be another: in another case, in a document.
    Altered(usize),
    /// Argument n comes out with other digits, some of them, or more: what stands there as a number is another one.
    Coded(usize),
    /// Every argument's elements are in the result.
    All,
    /// An element of argument 0 comes out.
    Element,
    /// The keys of argument 0 come out as elements.
    Keys,
    /// The elements of argument 0 come out, without their keys.
    Values,
    /// Keys and elements of argument 0 change places.
    Flip,
    /// Argument 0 gives the keys, argument 1 the elements.
    Combine,
    /// Of each element of argument 0, the one that argument 1 names comes out; argument 2 names the one that becomes the key.
    ColumnOf,
    /// Argument 0 is called with the elements of the others, its results are elements. Without a function, the elements stand side by side.
    Map,
    /// Argument 1 is called with pairs of elements of argument 0.
    Each,
    /// Argument 1 is called with the elements of argument 0 and their keys. That it may change them is not followed.
    Walk,
    /// Argument 1 is called with the elements of argument 0, which come out.
    Filter,
    /// Argument 2 comes out with what argument 1 gives in it.
    Callback,
    /// One of the arguments comes out, or one of the elements of the only one.
    One,
    /// The other arguments become elements of argument 0.
    Push,
    /// The elements of argument 1 come out as one text, with argument 0 between them.
    Join,
    /// Argument n comes out in parts.
    Split(usize),
    /// The elements of argument 0 come out in lists.
    Chunk,
    /// A key of argument n comes out.
    Key(usize),
    /// Argument 1 is called with what it gave before and each element of argument 0.
    Reduce,
    /// The elements of argument 0 become keys, all with argument 1 under them.
    Fill,
    /// Argument 2 comes out with argument 1 in it.
    Replace,
    /// Argument 0 comes out with the elements of argument 1 in it.
    Translate,
    /// The variables that the arguments name become elements under their names.
    Compact,
    /// The elements of an array become variables: `extract($row)`.
    Extract,
    /// The arguments after the first come into one text, as bytes.
    Pack,
}

/// How PHP's function `name` (lower case, without namespace) passes values; `None` if it does not, or is not known.
pub(in crate::discover) fn passes(name: &str) -> Option<Passes> {
    Some(match name {
        "intval"
        | "strval"
        | "trim"
        | "rtrim"
        | "ltrim"
        | "abs"
        | "floor"
        | "ceil"
        | "round"
        | "array_unique"
        | "array_reverse"
        | "array_slice"
        | "array_diff"
        | "array_intersect"
        | "array_diff_key"
        | "array_intersect_key"
        | "iterator_to_array"
        | "json_decode"
        | "unserialize"
        | "base64_decode"
        | "settype"
        | "array_pad"
        | "htmlspecialchars"
        | "addslashes"
        | "escapeshellarg"
        | "get_object_vars"
        | "array_change_key_case"
        | "filter_var"
        | "urldecode"
        | "rawurldecode"
        | "var_export"
        | "http_build_query"
        | "htmlentities"
        | "html_entity_decode"
        | "htmlspecialchars_decode"
        | "strip_tags"
        | "stripslashes"
        | "utf8_encode"
        | "utf8_decode"
        | "mb_convert_encoding"
        | "array_splice"
        | "yaml_emit"
        | "print_r"
        | "yaml_parse"
        | "igbinary_serialize"
        | "igbinary_unserialize"
        | "msgpack_pack"
        | "msgpack_unpack" => Passes::Same(0),
        "strtolower" | "strtoupper" | "ucfirst" | "lcfirst" | "mb_strtolower" | "mb_strtoupper" | "urlencode" | "rawurlencode"
        | "base64_encode" | "json_encode" | "serialize" => Passes::Altered(0),
        "str_pad" | "number_format" | "substr" | "mb_substr" | "strrev" | "bin2hex" | "hex2bin" | "gzcompress" | "gzuncompress"
        | "gzencode" | "gzdecode" | "gzdeflate" | "gzinflate" | "hexdec" | "octdec" | "bindec" | "dechex" | "decbin" | "decoct"
        | "base_convert" => Passes::Coded(0),
        "preg_replace" => Passes::Altered(2),
        "preg_replace_callback" => Passes::Callback,
        "iconv" => Passes::Same(2),
        "str_replace" | "str_ireplace" => Passes::Replace,
        "strtr" => Passes::Translate,
        "array_push" | "array_unshift" => Passes::Push,
        "implode" | "join" => Passes::Join,
        "explode" | "preg_split" | "mb_split" => Passes::Split(1),
        "array_chunk" => Passes::Chunk,
        "str_getcsv" | "str_split" => Passes::Split(0),
        "key" | "array_key_first" | "array_key_last" => Passes::Key(0),
        "array_search" => Passes::Key(1),
        "array_reduce" => Passes::Reduce,
        "pack" => Passes::Pack,
        "array_fill_keys" => Passes::Fill,
        "array_merge" | "array_replace" | "array_merge_recursive" | "array_replace_recursive" => Passes::All,
        "max" | "min" => Passes::One,
        "current" | "reset" | "end" | "next" | "prev" | "array_shift" | "array_pop" => Passes::Element,
        "array_keys" | "array_rand" => Passes::Keys,
        "array_flip" => Passes::Flip,
        "array_values" => Passes::Values,
        "array_combine" => Passes::Combine,
        "array_column" => Passes::ColumnOf,
        "array_map" => Passes::Map,
        "array_walk" => Passes::Walk,
        "array_filter" => Passes::Filter,
        "usort" | "uasort" => Passes::Each,
        "compact" => Passes::Compact,
        "extract" => Passes::Extract,
        _ => return None,
    })
}

/// Methods (lower case) that read the request parameter that their first argument names.
pub(in crate::discover) fn reads_request(method: &str) -> bool {
    matches!(method, "getparam" | "_getparam" | "getpost" | "getquery" | "getrequestparam" | "getvalue")
}

/// Methods (lower case) that read what was put into a form, as opposed to what the panel's own links carry.
pub(in crate::discover) fn reads_form(method: &str) -> bool {
    matches!(method, "getvalue" | "getpost")
}

/// The method (lower case) that gives all that was put into a form.
pub(in crate::discover) const ALL_VALUES: &str = "getvalues";

/// Whether a method of a form gives the element that its first argument names.
pub(in crate::discover) fn gives_element(method: &str) -> bool {
    method.eq_ignore_ascii_case("getElement")
}

/// The method (lower case) by which a form gets an element.
pub(in crate::discover) const ADD_ELEMENT: &str = "addelement";

/// Superglobals of the request, without the `$`.
pub(in crate::discover) fn is_request(variable: &str) -> bool {
    matches!(variable, "_GET" | "_POST" | "_REQUEST")
}

/// Which argument a function of PHP makes a hash of, from which it cannot be had back.
pub(in crate::discover) fn hashes(name: &str) -> Option<usize> {
    match name {
        "md5" | "sha1" | "crc32" | "crypt" | "password_hash" => Some(0),
        "hash" | "hash_hmac" => Some(1),
        _ => None,
    }
}

/// The arguments of a function of PHP that writes a file, or makes a folder: its path, and its content.
pub(in crate::discover) fn writes_file(name: &str) -> Option<(usize, Option<usize>)> {
    match name {
        "file_put_contents" => Some((0, Some(1))),
        "mkdir" | "touch" | "fopen" | "gzopen" | "bzopen" => Some((0, None)),
        "error_log" => Some((2, Some(0))),
        "copy" | "rename" | "move_uploaded_file" | "symlink" | "link" => Some((1, None)),
        _ => None,
    }
}

/// Whether a function of PHP opens a file and gives a handle of it.
pub(in crate::discover) fn opens_file(name: &str) -> bool {
    matches!(name, "fopen" | "gzopen" | "bzopen")
}

/// The argument of a function of PHP that reads a file: its path.
pub(in crate::discover) fn reads_file(name: &str) -> Option<usize> {
    matches!(name, "file_get_contents" | "file" | "parse_ini_file" | "simplexml_load_file" | "readfile" | "gzfile").then_some(0)
}

/// Whether a function of PHP gives what another machine answered.
pub(in crate::discover) fn asks_afar(name: &str) -> bool {
    matches!(name, "curl_exec" | "curl_multi_getcontent")
}

/// Whether the third argument of a function that reads a file tells how to ask another machine for it.
pub(in crate::discover) fn takes_context(name: &str) -> bool {
    matches!(name, "file_get_contents" | "file")
}

/// Whether a method (lower case) gives the text of an answer, in the clients for HTTP that PHP code uses.
pub(in crate::discover) fn is_answer(method: &str) -> bool {
    matches!(method, "getbody" | "getrawbody" | "getcontents")
}

/// Whether a function or method of PHP gives what is in an open file.
pub(in crate::discover) fn reads_handle(name: &str) -> bool {
    matches!(name, "fgets" | "fread" | "fgetcsv" | "stream_get_contents" | "current" | "fscanf" | "gzread" | "gzgets" | "bzread")
}

/// Whether a function or method of PHP writes its next argument to an open file, and whether that argument is a row of fields.
pub(in crate::discover) fn writes_handle(name: &str) -> Option<bool> {
    match name {
        "fwrite" | "fputs" | "gzwrite" | "gzputs" | "bzwrite" => Some(false),
        "fputcsv" => Some(true),
        _ => None,
    }
}

/// Whether a class of PHP is an open file.
pub(in crate::discover) fn is_file_class(class: &str) -> bool {
    matches!(class, "splfileobject")
}

/// Which argument a function of PHP encrypts.
pub(in crate::discover) fn encrypts(name: &str) -> Option<usize> {
    match name {
        "openssl_encrypt" | "sodium_crypto_secretbox" | "sodium_crypto_secretbox_easy" => Some(0),
        "mcrypt_encrypt" => Some(2),
        _ => None,
    }
}

/// Whether a function or class of PHP reads XML.
pub(in crate::discover) fn reads_xml(name: &str) -> bool {
    matches!(name, "simplexml_load_string" | "simplexml_load_file" | "simplexmlelement")
}

/// Methods (lower case) of containers that give an object of the class that their first argument names.
pub(in crate::discover) fn makes_object(method: &str) -> bool {
    matches!(method, "get" | "make" | "create" | "resolve" | "build" | "getinstance" | "getservice" | "newinstance" | "app")
}

/// How a method (lower case) of a database adapter, a query builder or a table of any framework works on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum TableMethod {
    /// It gives its argument as a literal of SQL.
    Quote,
    /// It names the table.
    From,
    /// It puts a value into a condition.
    QuoteInto,
    /// It writes a row.
    Write,
}

/// How the method of that name (lower case) works on tables.
pub(in crate::discover) fn table_method(method: &str) -> Option<TableMethod> {
    match method {
        "quote" | "escapestring" | "real_escape_string" => Some(TableMethod::Quote),
        "from" | "table" | "into" => Some(TableMethod::From),
        "quoteinto" => Some(TableMethod::QuoteInto),
        "insert" | "update" | "replace" | "upsert" | "insertorupdate" | "save" => Some(TableMethod::Write),
        _ => None,
    }
}

/// What a method that fetches gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum Shape {
    /// The first column of a row.
    Value,
    /// The first column of all rows.
    Values,
    /// The second columns of all rows, under the first ones.
    Pairs,
    /// A row.
    Row,
    /// All rows.
    Rows,
    /// A row or all of them.
    Any,
}

/// What the method of that name (lower case) gives when nothing else is asked for.
pub(in crate::discover) fn gives(method: &str) -> Shape {
    match method {
        method if fetches_value(method) => Shape::Value,
        "fetchpairs" => Shape::Pairs,
        "fetchcol" => Shape::Values,
        "fetchall" | "fetchassoc" | "getall" | "getarray" => Shape::Rows,
        "fetch" | "fetchrow" | "fetcharray" | "fetchobject" | "getrow" => Shape::Row,
        _ => Shape::Any,
    }
}

/// The same when it is asked for the form that the constant `mode` of PDO means.
pub(in crate::discover) fn gives_in(mode: &str, method: &str) -> Shape {
    match (mode, method) {
        ("FETCH_COLUMN", "fetch") => Shape::Value,
        ("FETCH_COLUMN", _) => Shape::Values,
        ("FETCH_KEY_PAIR", _) => Shape::Pairs,
        _ => gives(method),
    }
}

/// Whether rows carry their columns under numbers in the form that the constant `mode` of PDO or of SQLite3 means.
pub(in crate::discover) fn numbers(mode: &str) -> bool {
    matches!(mode, "FETCH_NUM" | "SQLITE3_NUM")
}

/// Whether a method (lower case) of a database adapter, a statement or a result tells something else than what is stored: a count, an error.
pub(in crate::discover) fn tells_of_itself(method: &str) -> bool {
    matches!(
        method,
        "rowcount"
            | "columncount"
            | "numcolumns"
            | "numrows"
            | "changes"
            | "executestatement"
            | "executeupdate"
            | "lastinsertid"
            | "lastinsertrowid"
            | "errorcode"
            | "errorinfo"
            | "lasterrorcode"
            | "lasterrormsg"
    )
}

/// Whether a method (lower case) of a database adapter, a statement or a result gets at rows or values.
pub(in crate::discover) fn fetches(method: &str) -> bool {
    method.starts_with("fetch") || matches!(method, "querysingle" | "getall" | "getrow" | "getarray")
}

/// Whether a method (lower case) that [`fetches`] gives a single value.
pub(in crate::discover) fn fetches_value(method: &str) -> bool {
    matches!(method, "fetchcolumn" | "fetchone" | "querysingle")
}

/// Whether a function of PHP gives what nobody can know beforehand.
pub(in crate::discover) fn is_random(name: &str) -> bool {
    matches!(
        name,
        "rand"
            | "mt_rand"
            | "random_int"
            | "random_bytes"
            | "uniqid"
            | "openssl_random_pseudo_bytes"
            | "microtime"
            | "time"
            | "lcg_value"
            | "str_shuffle"
    )
}

/// A function of PHP that looks for a value in an array: the arguments with the value and with the array, and whether it looks among the keys.
pub(in crate::discover) fn looks_for(name: &str) -> Option<(usize, usize, bool)> {
    match name {
        "in_array" | "array_search" => Some((0, 1, false)),
        "array_key_exists" | "key_exists" => Some((0, 1, true)),
        _ => None,
    }
}
