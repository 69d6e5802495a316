//! What PHP's own functions, and the request objects of the framework that the panel uses, do with values.

/// How a function of PHP passes values from its arguments to its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum Passes {
    /// Argument n comes out as it is (as a number, text, filtered, reordered, encoded).
    Same(usize),
    /// Every argument's elements are in the result.
    All,
    /// An element of argument 0 comes out.
    Element,
    /// The keys of argument 0 come out as elements.
    Keys,
    /// Keys and elements of argument 0 change places.
    Flip,
    /// Argument 0 gives the keys, argument 1 the elements.
    Combine,
    /// Of each element of argument 0, the one that argument 1 names comes out; argument 2 names the one that becomes the key.
    ColumnOf,
    /// Argument 0 is called with the elements of argument 1, its results are elements.
    Map,
    /// Argument 1 is called with the elements of argument 0.
    Each,
    /// The variables that the arguments name become elements under their names.
    Compact,
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
        | "array_values"
        | "array_filter"
        | "array_unique"
        | "array_reverse"
        | "array_slice"
        | "array_diff"
        | "array_intersect"
        | "array_diff_key"
        | "array_intersect_key"
        | "iterator_to_array"
        | "json_encode"
        | "json_decode"
        | "serialize"
        | "unserialize"
        | "base64_encode"
        | "base64_decode"
        | "settype"
        | "array_pad"
        | "htmlspecialchars"
        | "addslashes"
        | "escapeshellarg"
        | "get_object_vars"
        | "array_change_key_case" => Passes::Same(0),
        "filter_var" => Passes::Same(0),
        "array_merge" | "array_replace" | "array_merge_recursive" | "array_replace_recursive" | "max" | "min" => Passes::All,
        "current" | "reset" | "end" | "next" | "prev" | "array_shift" | "array_pop" | "array_rand" => Passes::Element,
        "array_keys" => Passes::Keys,
        "array_flip" => Passes::Flip,
        "array_combine" => Passes::Combine,
        "array_column" => Passes::ColumnOf,
        "array_map" => Passes::Map,
        "array_walk" | "usort" | "uasort" => Passes::Each,
        "compact" => Passes::Compact,
        _ => return None,
    })
}

/// Methods (lower case) that read the request parameter that their first argument names.
pub(in crate::discover) fn reads_request(method: &str) -> bool {
    matches!(method, "getparam" | "_getparam" | "getpost" | "getquery" | "getrequestparam" | "getvalue")
}

/// Superglobals of the request, without the `$`.
pub(in crate::discover) fn is_request(variable: &str) -> bool {
    matches!(variable, "_GET" | "_POST" | "_REQUEST")
}

/// Which argument a function of PHP makes a hash of, from which it cannot be had back.
pub(in crate::discover) fn hashes(name: &str) -> Option<usize> {
    match name {
        "md5" | "sha1" | "crc32" => Some(0),
        "hash" | "hash_hmac" => Some(1),
        _ => None,
    }
}

/// The arguments of a function of PHP that writes a file, or makes a folder: its path, and its content.
pub(in crate::discover) fn writes_file(name: &str) -> Option<(usize, Option<usize>)> {
    match name {
        "file_put_contents" => Some((0, Some(1))),
        "mkdir" | "touch" | "fopen" => Some((0, None)),
        "copy" | "rename" => Some((1, None)),
        _ => None,
    }
}

/// The argument of a function of PHP that reads a file: its path.
pub(in crate::discover) fn reads_file(name: &str) -> Option<usize> {
    matches!(name, "file_get_contents" | "file").then_some(0)
}
