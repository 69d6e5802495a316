<?php
// Prints the calls of each file named on the command line as PHP itself reads them: [file, [[name, byte offset], …], [[comment's offset, length], …]].
// A call is a name before `(` that is not declared, instantiated, an attribute or a first-class callable.

function calls(string $code): array
{
    $tokens = array_values(array_filter(
        PhpToken::tokenize($code, TOKEN_PARSE),
        fn ($t) => !$t->is([T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_INLINE_HTML, T_OPEN_TAG, T_CLOSE_TAG]),
    ));
    $names = [T_STRING, T_NAME_QUALIFIED, T_NAME_FULLY_QUALIFIED, T_NAME_RELATIVE];
    $calls = [];
    $attribute = 0;
    foreach ($tokens as $i => $token) {
        if ($attribute > 0 || $token->is(T_ATTRIBUTE)) {
            $attribute += $token->is([T_ATTRIBUTE, '[']) ? 1 : ($token->is(']') ? -1 : 0);
            continue;
        }
        if (!$token->is($names) || ($tokens[$i + 1] ?? null)?->text !== '(') {
            continue;
        }
        if ($tokens[$i + 2]->text === '...' && $tokens[$i + 3]->text === ')') {
            continue;
        }
        $before = $tokens[$i - 1] ?? null;
        if ($before?->text === '&' && $tokens[$i - 2]->is([T_FUNCTION, T_FN]) || $before?->is([T_FUNCTION, T_FN, T_NEW])) {
            continue;
        }
        $calls[] = [$token->text, $token->pos];
    }
    return $calls;
}

function comments(string $code): array
{
    $comments = array_filter(PhpToken::tokenize($code), fn ($t) => $t->is([T_COMMENT, T_DOC_COMMENT]));
    return array_values(array_map(fn ($t) => [$t->pos, strlen(rtrim($t->text)), $t->is(T_DOC_COMMENT)], $comments));
}

foreach (array_slice($argv, 1) as $file) {
    $code = file_get_contents($file);
    try {
        $calls = calls($code);
    } catch (Throwable $e) {
        fwrite(STDERR, "$file: {$e->getMessage()} in line {$e->getLine()}\n");
        continue;
    }
    echo json_encode([$file, $calls, comments($code)], JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
