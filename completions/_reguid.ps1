
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'reguid' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'reguid'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'reguid' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Find the places where an extension stores raw panel ids')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show a rule''s page')
            [CompletionResult]::new('references', 'references', [CompletionResultType]::ParameterValue, 'Write what lint proved as entries of the manifest reguid.toml')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Read a panel''s objects and write them to a snapshot file or into an extension''s companion database')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what a fix would do, cell by cell')
            [CompletionResult]::new('fix', 'fix', [CompletionResultType]::ParameterValue, 'Rewrite an extension''s stored ids after a restore: plan, apply, verify')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that all stored ids resolve on this panel')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take the last run back')
            [CompletionResult]::new('quarantine', 'quarantine', [CompletionResultType]::ParameterValue, 'List rows that were taken out because their object was gone, and put them back')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn id columns into GUID or name columns, schema and data')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Serve an editor: findings, rule pages and quick fixes over the language server protocol')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole story on a sample extension, in a temporary folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'reguid;lint' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to write the findings [default: github in GitHub Actions, else human]')
            [CompletionResult]::new('--output-file', '--output-file', [CompletionResultType]::ParameterName, 'Write them to this file, in --format or, without it, as the file''s name tells: .sarif, .html, .xml (JUnit), checkstyle.xml, .jsonl, .json (in GitLab its code quality report). May be given several times. Standard output gets the counts with --format, and without it all that it would get anyway')
            [CompletionResult]::new('--min-confidence', '--min-confidence', [CompletionResultType]::ParameterName, 'The least sure findings to show; the others are counted. Default: `likely`, and `possible` for what has no PHP code, where nothing but names can hint at an id')
            [CompletionResult]::new('--persona', '--persona', [CompletionResultType]::ParameterName, 'Who reads: `release` wants what is proven, `regular` what is likely too, `auditor` all that is possible')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Do not run this rule, given by its id or its code (`all`: any, but for those that another option names). Before what reguid.toml says')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Do not run this rule, given by its id or its code (`all`: any, but for those that another option names). Before what reguid.toml says')
            [CompletionResult]::new('-W', '-W ', [CompletionResultType]::ParameterName, 'Make the gravest findings of this rule warnings')
            [CompletionResult]::new('--warn', '--warn', [CompletionResultType]::ParameterName, 'Make the gravest findings of this rule warnings')
            [CompletionResult]::new('-D', '-D ', [CompletionResultType]::ParameterName, 'Make the gravest findings of this rule errors')
            [CompletionResult]::new('--deny', '--deny', [CompletionResultType]::ParameterName, 'Make the gravest findings of this rule errors')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Do not count the findings that this file knows. In CI, entries that no finding needs any more fail')
            [CompletionResult]::new('--diff-base', '--diff-base', [CompletionResultType]::ParameterName, 'Only findings in files that changed since this branch left REF. The whole extension is still read')
            [CompletionResult]::new('--stdin-filename', '--stdin-filename', [CompletionResultType]::ParameterName, 'Where that file belongs; it need not be there')
            [CompletionResult]::new('--panel', '--panel', [CompletionResultType]::ParameterName, 'Look the ids in the databases, settings and files of the extension up on this panel, an inventory source: `plesk:`, `mysql://…`, a dump, a backup, a snapshot. Settings are known from a live panel and from a whole dump')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads; 0 for one a core')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads; 0 for one a core')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--show-suppressed', '--show-suppressed', [CompletionResultType]::ParameterName, 'Put what was suppressed, ignored or is known to the baseline into SARIF and JUnit too; JSON always has it, and -v shows it to a person')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit with 0 whatever was found')
            [CompletionResult]::new('--preview', '--preview', [CompletionResultType]::ParameterName, 'Run the rules in preview too: those on trial, whose findings may still change')
            [CompletionResult]::new('--baseline-write', '--baseline-write', [CompletionResultType]::ParameterName, 'Make the baseline anew of all that is found now, for the extensions that are linted')
            [CompletionResult]::new('--baseline-prune', '--baseline-prune', [CompletionResultType]::ParameterName, 'Take the entries out of the baseline that no finding needs any more. Adds none')
            [CompletionResult]::new('--fail-on-stale', '--fail-on-stale', [CompletionResultType]::ParameterName, 'Let stale entries of the baseline fail outside of CI too')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what can be mended safely, then report what is left')
            [CompletionResult]::new('--unsafe-fixes', '--unsafe-fixes', [CompletionResultType]::ParameterName, 'With --fix or --diff: mend too what a person should look at afterwards')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Show what --fix would change as a diff, and write nothing')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Only findings in what is staged for the next commit, judged as the commit will have it. The whole extension is still read')
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Read one file from standard input, and show the findings in it. Its extension, if it is in one, is read from disk')
            [CompletionResult]::new('--show-settings', '--show-settings', [CompletionResultType]::ParameterName, 'Show the settings that hold for each extension, by its reguid.toml and this command line, and lint nothing')
            [CompletionResult]::new('--include-vendored', '--include-vendored', [CompletionResultType]::ParameterName, 'Read vendored files (`vendor/`, `node_modules/` and the like) too')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;explain' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to write them')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show the pages of all rules')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;references' {
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads; 0 for one a core')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads; 0 for one a core')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Write the entries into reguid.toml beside meta.xml, keeping what stands there. Entries for the same place are not touched')
            [CompletionResult]::new('--include-vendored', '--include-vendored', [CompletionResultType]::ParameterName, 'Read vendored files (`vendor/`, `node_modules/` and the like) too')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;snapshot' {
            [CompletionResult]::new('--panel', '--panel', [CompletionResultType]::ParameterName, 'The panel: an inventory source')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write a snapshot file')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write a snapshot file')
            [CompletionResult]::new('--into', '--into', [CompletionResultType]::ParameterName, 'Record the state in the companion database of this var directory, as the one that the stored ids speak of. What ids of objects mean that are gone from the panel stays known. If ids changed their meaning since the recorded state, their old meaning is kept, and the exit code is 1; so it is where the manifest names kinds of objects that the source does not tell of')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'With --into: the manifest, whose kinds of objects are the ones that count [default: reguid.toml in the var directory; all kinds without one]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--another-panel', '--another-panel', [CompletionResultType]::ParameterName, 'With --into: the state is another panel''s than the recorded one, such as a server that the backup was restored to, whatever equal ids tell. Then an object without a GUID that goes by another name is another object, and not renamed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;plan' {
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'The manifest [default: reguid.toml in the var directory, else in the current one]')
            [CompletionResult]::new('--old', '--old', [CompletionResultType]::ParameterName, 'The panel state that the stored ids speak of: an inventory source, or `twins`, the names and GUIDs that stand beside the ids in the data (`twin` in the manifest) [default: the companion''s record; where there is none, the twins]')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'The panel state that they are to speak of: an inventory source')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'A map that a person reviewed, as --map-out writes it: what it says of an object goes before the rules')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'The extension''s id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory]')
            [CompletionResult]::new('--panel-holds', '--panel-holds', [CompletionResultType]::ParameterName, 'Which ids what looks as before a run holds, in the panel''s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed')
            [CompletionResult]::new('--map-out', '--map-out', [CompletionResultType]::ParameterName, 'Write the mapping of old to new objects to this file, with the rule and the evidence of every pair, to be reviewed and given back with --map')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the whole plan, every cell of it, to this file as JSON; `reguid fix --plan` applies it and no other')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the whole plan, every cell of it, to this file as JSON; `reguid fix --plan` applies it and no other')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to show the plan')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Stop, before anything is written, where a value cannot be read in which the manifest says that ids stand. Without it, such a value stays as it is and is named, and the exit code is 1')
            [CompletionResult]::new('--trust-old', '--trust-old', [CompletionResultType]::ParameterName, 'Believe --old even where it contradicts the companion''s record')
            [CompletionResult]::new('--accept-name', '--accept-name', [CompletionResultType]::ParameterName, 'Accept objects matched by their name alone')
            [CompletionResult]::new('--accept-moved', '--accept-moved', [CompletionResultType]::ParameterName, 'Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer')
            [CompletionResult]::new('--another-panel', '--another-panel', [CompletionResultType]::ParameterName, 'The new panel state is another panel''s, such as a server that the backup was restored to, whatever equal ids tell. Needed where so few objects got other ids that the two look like one panel; then objects without GUIDs, such as mailboxes, stay ambiguous')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;fix' {
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'The manifest [default: reguid.toml in the var directory, else in the current one]')
            [CompletionResult]::new('--old', '--old', [CompletionResultType]::ParameterName, 'The panel state that the stored ids speak of: an inventory source, or `twins`, the names and GUIDs that stand beside the ids in the data (`twin` in the manifest) [default: the companion''s record; where there is none, the twins]')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'The panel state that they are to speak of: an inventory source')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'A map that a person reviewed, as --map-out writes it: what it says of an object goes before the rules')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'The extension''s id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory]')
            [CompletionResult]::new('--panel-holds', '--panel-holds', [CompletionResultType]::ParameterName, 'Which ids what looks as before a run holds, in the panel''s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Apply this plan, made by `reguid plan -o`, and no other: refuse if anything that it depends on has changed')
            [CompletionResult]::new('--emit', '--emit', [CompletionResultType]::ParameterName, 'Write no settings, and give out a script instead that does: `sql` for the database''s client (`plesk db`), `php` for the panel''s PHP. It changes nothing where a setting is not as it was. With a dump as --new, the settings are taken from there')
            [CompletionResult]::new('--emit-to', '--emit-to', [CompletionResultType]::ParameterName, 'The file for the script. It must not be there yet [default: reguid-settings.sql or .php in the current directory]')
            [CompletionResult]::new('--map-out', '--map-out', [CompletionResultType]::ParameterName, 'Write the mapping of old to new objects to this file first, as `reguid plan --map-out` does; also where something unresolved stops the fix')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to show what was done')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Stop, before anything is written, where a value cannot be read in which the manifest says that ids stand. Without it, such a value stays as it is and is named, and the exit code is 1')
            [CompletionResult]::new('--trust-old', '--trust-old', [CompletionResultType]::ParameterName, 'Believe --old even where it contradicts the companion''s record')
            [CompletionResult]::new('--accept-name', '--accept-name', [CompletionResultType]::ParameterName, 'Accept objects matched by their name alone')
            [CompletionResult]::new('--accept-moved', '--accept-moved', [CompletionResultType]::ParameterName, 'Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer')
            [CompletionResult]::new('--another-panel', '--another-panel', [CompletionResultType]::ParameterName, 'The new panel state is another panel''s, such as a server that the backup was restored to, whatever equal ids tell. Needed where so few objects got other ids that the two look like one panel; then objects without GUIDs, such as mailboxes, stay ambiguous')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be done; change no byte and add no file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;verify' {
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'The manifest [default: reguid.toml in the var directory, else in the current one]')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'The extension''s id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory]')
            [CompletionResult]::new('--panel', '--panel', [CompletionResultType]::ParameterName, 'The panel: an inventory source')
            [CompletionResult]::new('--panel-holds', '--panel-holds', [CompletionResultType]::ParameterName, 'Which ids what looks as before a run holds, in the panel''s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;undo' {
            [CompletionResult]::new('--panel', '--panel', [CompletionResultType]::ParameterName, 'The panel whose settings the run changed: `plesk:` or `mysql://…`, or with --emit a dump of its database. Needed only where it changed any [default: plesk:]')
            [CompletionResult]::new('--emit', '--emit', [CompletionResultType]::ParameterName, 'Write no settings, and give out a script instead that takes them back: `sql` for the database''s client (`plesk db`), `php` for the panel''s PHP')
            [CompletionResult]::new('--emit-to', '--emit-to', [CompletionResultType]::ParameterName, 'The file for the script. It must not be there yet [default: reguid-settings-back.sql or .php in the current directory]')
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Only if this is the last run; with --prune: runs up to this one')
            [CompletionResult]::new('--panel-holds', '--panel-holds', [CompletionResultType]::ParameterName, 'Which ids what looks as before the run holds, in the panel''s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--accept-changes', '--accept-changes', [CompletionResultType]::ParameterName, 'Take the run back although ids were written since: rows that were added or changed stay, and their ids are translated back by the run''s mapping. What cannot be translated with certainty still stops')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Take nothing back, and give up that it can be: delete the journals of the runs from the companion. Tells what would be deleted, and deletes it only with --yes')
            [CompletionResult]::new('--quarantined', '--quarantined', [CompletionResultType]::ParameterName, 'With --prune: also give up the rows in quarantine. Without it they stay there, and can still be put back: see `reguid quarantine`')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'With --prune: do it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;quarantine' {
            [CompletionResult]::new('--run', '--run', [CompletionResultType]::ParameterName, 'Only rows that this run took out')
            [CompletionResult]::new('--reference', '--reference', [CompletionResultType]::ParameterName, 'Only rows that were taken out because of an id at this place: `sqlite:apps.domain_id`, as the list has it. May be given more than once')
            [CompletionResult]::new('--panel', '--panel', [CompletionResultType]::ParameterName, 'The panel as it is now: an inventory source [default: plesk:; where that cannot be read, rows are listed without being looked up]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to show what there is, or what was done')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--restore', '--restore', [CompletionResultType]::ParameterName, 'Put all rows back of which every id means an object of the panel, with the ids that these have now. All or nothing, as a run of its own, which `reguid undo` takes back. Without it, the rows are only listed')
            [CompletionResult]::new('--accept-name', '--accept-name', [CompletionResultType]::ParameterName, 'Accept objects matched by their name alone')
            [CompletionResult]::new('--accept-moved', '--accept-moved', [CompletionResultType]::ParameterName, 'Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer')
            [CompletionResult]::new('--another-panel', '--another-panel', [CompletionResultType]::ParameterName, 'The panel is another one than that which the rows speak of, whatever equal ids tell')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;convert' {
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'The manifest [default: reguid.toml in the var directory, else in the current one]')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'What ids become')
            [CompletionResult]::new('--reference', '--reference', [CompletionResultType]::ParameterName, 'Only these places of the manifest, and what foreign keys tie to them: `sqlite:apps.domain_id` [default: every column that holds ids]')
            [CompletionResult]::new('--panel', '--panel', [CompletionResultType]::ParameterName, 'The panel, as the stored ids speak of it: an inventory source [default: plesk:; none for --emit php, which asks the panel when it runs]')
            [CompletionResult]::new('--emit', '--emit', [CompletionResultType]::ParameterName, 'Do nothing, and write what would do it: SQL for this server, or PHP for the extension''s install script')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where to write it [default: the standard output]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where to write it [default: the standard output]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to show what was done')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--beside', '--beside', [CompletionResultType]::ParameterName, 'Keep the id columns, and add columns beside them: for a release that reads both')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be done, tried out on a private copy; change no byte and add no file')
            [CompletionResult]::new('--write-manifest', '--write-manifest', [CompletionResultType]::ParameterName, 'Say in the manifest what the columns hold afterwards. Without it, the change is shown')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;server' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('--stdio', '--stdio', [CompletionResultType]::ParameterName, 'Speak over standard input and output. There is no other way; editors name it all the same')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;demo' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell more: what was suppressed, and by what')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'reguid;help' {
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Find the places where an extension stores raw panel ids')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show a rule''s page')
            [CompletionResult]::new('references', 'references', [CompletionResultType]::ParameterValue, 'Write what lint proved as entries of the manifest reguid.toml')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Read a panel''s objects and write them to a snapshot file or into an extension''s companion database')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what a fix would do, cell by cell')
            [CompletionResult]::new('fix', 'fix', [CompletionResultType]::ParameterValue, 'Rewrite an extension''s stored ids after a restore: plan, apply, verify')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that all stored ids resolve on this panel')
            [CompletionResult]::new('undo', 'undo', [CompletionResultType]::ParameterValue, 'Take the last run back')
            [CompletionResult]::new('quarantine', 'quarantine', [CompletionResultType]::ParameterValue, 'List rows that were taken out because their object was gone, and put them back')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn id columns into GUID or name columns, schema and data')
            [CompletionResult]::new('server', 'server', [CompletionResultType]::ParameterValue, 'Serve an editor: findings, rule pages and quick fixes over the language server protocol')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole story on a sample extension, in a temporary folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'reguid;help;lint' {
            break
        }
        'reguid;help;explain' {
            break
        }
        'reguid;help;references' {
            break
        }
        'reguid;help;snapshot' {
            break
        }
        'reguid;help;plan' {
            break
        }
        'reguid;help;fix' {
            break
        }
        'reguid;help;verify' {
            break
        }
        'reguid;help;undo' {
            break
        }
        'reguid;help;quarantine' {
            break
        }
        'reguid;help;convert' {
            break
        }
        'reguid;help;server' {
            break
        }
        'reguid;help;demo' {
            break
        }
        'reguid;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
