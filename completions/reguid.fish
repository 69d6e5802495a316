# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_reguid_global_optspecs
    string join \n color= v/verbose h/help V/version
end

function __fish_reguid_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_reguid_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_reguid_using_subcommand
    set -l cmd (__fish_reguid_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c reguid -n "__fish_reguid_needs_command" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_needs_command" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_needs_command" -s V -l version -d 'Print version'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "lint" -d 'Find the places where an extension stores raw panel ids'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "explain" -d 'Show a rule\'s page'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "references" -d 'Write what lint proved as entries of the manifest reguid.toml'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "snapshot" -d 'Read a panel\'s objects and write them to a snapshot file or into an extension\'s companion database'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "plan" -d 'Show what a fix would do, cell by cell'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "fix" -d 'Rewrite an extension\'s stored ids after a restore: plan, apply, verify'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "verify" -d 'Check that all stored ids resolve on this panel'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "undo" -d 'Take the last run back'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "quarantine" -d 'List rows that were taken out because their object was gone, and put them back'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "convert" -d 'Turn id columns into GUID or name columns, schema and data'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "server" -d 'Serve an editor: findings, rule pages and quick fixes over the language server protocol'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "demo" -d 'Show the whole story on a sample extension, in a temporary folder'
complete -c reguid -n "__fish_reguid_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l format -d 'How to write the findings [default: github in GitHub Actions, else human]' -r -f -a "human\t'For a person'
concise\t'One line a finding: for a person in a hurry, an editor, an agent'
json\t'For programs: `docs/schema/lint.schema.json`'
json-lines\t'The same, one finding a line and the counts last: `docs/schema/lint-line.schema.json`'
sarif\t'SARIF 2.1.0: code scanning, editors'
github\t'Annotations of GitHub Actions, with a job summary'
gitlab\t'GitLab\'s code quality report'
junit\t'JUnit\'s XML, which most CI systems show'
checkstyle\t'Checkstyle\'s XML, which many editors and plug-ins of CI systems read'
html\t'A page for a browser, without need of a network'"
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l output-file -d 'Write them to this file, in --format or, without it, as the file\'s name tells: .sarif, .html, .xml (JUnit), checkstyle.xml, .jsonl, .json (in GitLab its code quality report). May be given several times. Standard output gets the counts with --format, and without it all that it would get anyway' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l min-confidence -d 'The least sure findings to show; the others are counted. Default: `likely`, and `possible` for what has no PHP code, where nothing but names can hint at an id' -r -f -a "possible\t'One hint'
likely\t'Two independent hints'
proven\t'A code path or a declaration'"
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l persona -d 'Who reads: `release` wants what is proven, `regular` what is likely too, `auditor` all that is possible' -r -f -a "release\t'Wants no finding that may be wrong'
regular\t'Wants few'
auditor\t'Wants all, and judges them'"
complete -c reguid -n "__fish_reguid_using_subcommand lint" -s A -l allow -d 'Do not run this rule, given by its id or its code (`all`: any, but for those that another option names). Before what reguid.toml says' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -s W -l warn -d 'Make the gravest findings of this rule warnings' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -s D -l deny -d 'Make the gravest findings of this rule errors' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l baseline -d 'Do not count the findings that this file knows. In CI, entries that no finding needs any more fail' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l diff-base -d 'Only findings in files that changed since this branch left REF. The whole extension is still read' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l stdin-filename -d 'Where that file belongs; it need not be there' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l panel -d 'Look the ids in the databases, settings and files of the extension up on this panel, an inventory source: `plesk:`, `mysql://…`, a dump, a backup, a snapshot. Settings are known from a live panel and from a whole dump' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -s j -l jobs -d 'Worker threads; 0 for one a core' -r
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l show-suppressed -d 'Put what was suppressed, ignored or is known to the baseline into SARIF and JUnit too; JSON always has it, and -v shows it to a person'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l exit-zero -d 'Exit with 0 whatever was found'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l preview -d 'Run the rules in preview too: those on trial, whose findings may still change'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l baseline-write -d 'Make the baseline anew of all that is found now, for the extensions that are linted'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l baseline-prune -d 'Take the entries out of the baseline that no finding needs any more. Adds none'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l fail-on-stale -d 'Let stale entries of the baseline fail outside of CI too'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l fix -d 'Mend what can be mended safely, then report what is left'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l unsafe-fixes -d 'With --fix or --diff: mend too what a person should look at afterwards'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l diff -d 'Show what --fix would change as a diff, and write nothing'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l staged -d 'Only findings in what is staged for the next commit, judged as the commit will have it. The whole extension is still read'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l stdin -d 'Read one file from standard input, and show the findings in it. Its extension, if it is in one, is read from disk'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l show-settings -d 'Show the settings that hold for each extension, by its reguid.toml and this command line, and lint nothing'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -l include-vendored -d 'Read vendored files (`vendor/`, `node_modules/` and the like) too'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand explain" -l format -d 'How to write them' -r -f -a "text\t'For a person'
json\t'For programs'
md\t'As Markdown, to be rendered by another program: pages as they are written, the list as a table'"
complete -c reguid -n "__fish_reguid_using_subcommand explain" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand explain" -l all -d 'Show the pages of all rules'
complete -c reguid -n "__fish_reguid_using_subcommand explain" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand references" -s j -l jobs -d 'Worker threads; 0 for one a core' -r
complete -c reguid -n "__fish_reguid_using_subcommand references" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand references" -l write -d 'Write the entries into reguid.toml beside meta.xml, keeping what stands there. Entries for the same place are not touched'
complete -c reguid -n "__fish_reguid_using_subcommand references" -l include-vendored -d 'Read vendored files (`vendor/`, `node_modules/` and the like) too'
complete -c reguid -n "__fish_reguid_using_subcommand references" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand references" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -l panel -d 'The panel: an inventory source' -r
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -s o -l output -d 'Write a snapshot file' -r
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -l into -d 'Record the state in the companion database of this var directory, as the one that the stored ids speak of. What ids of objects mean that are gone from the panel stays known. If ids changed their meaning since the recorded state, their old meaning is kept, and the exit code is 1; so it is where the manifest names kinds of objects that the source does not tell of' -r
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -l manifest -d 'With --into: the manifest, whose kinds of objects are the ones that count [default: reguid.toml in the var directory; all kinds without one]' -r
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -l another-panel -d 'With --into: the state is another panel\'s than the recorded one, such as a server that the backup was restored to, whatever equal ids tell. Then an object without a GUID that goes by another name is another object, and not renamed'
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand snapshot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l manifest -d 'The manifest [default: reguid.toml in the var directory, else in the current one]' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l old -d 'The panel state that the stored ids speak of: an inventory source, or `twins`, the names and GUIDs that stand beside the ids in the data (`twin` in the manifest) [default: the companion\'s record; where there is none, the twins]' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l new -d 'The panel state that they are to speak of: an inventory source' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l map -d 'A map that a person reviewed, as --map-out writes it: what it says of an object goes before the rules' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l module -d 'The extension\'s id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory]' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l panel-holds -d 'Which ids what looks as before a run holds, in the panel\'s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed' -r -f -a "new\t'Those of after the last run: what it changed is there'
old\t'Those of before it: it did not get there, or the tables were put back'"
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l map-out -d 'Write the mapping of old to new objects to this file, with the rule and the evidence of every pair, to be reviewed and given back with --map' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -s o -l output -d 'Write the whole plan, every cell of it, to this file as JSON; `reguid fix --plan` applies it and no other' -r
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l format -d 'How to show the plan' -r -f -a "human\t'For a person'
json\t'For programs'
html\t'A page for a browser, without need of a network'"
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l strict -d 'Stop, before anything is written, where a value cannot be read in which the manifest says that ids stand. Without it, such a value stays as it is and is named, and the exit code is 1'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l trust-old -d 'Believe --old even where it contradicts the companion\'s record'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l accept-name -d 'Accept objects matched by their name alone'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l accept-moved -d 'Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -l another-panel -d 'The new panel state is another panel\'s, such as a server that the backup was restored to, whatever equal ids tell. Needed where so few objects got other ids that the two look like one panel; then objects without GUIDs, such as mailboxes, stay ambiguous'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l manifest -d 'The manifest [default: reguid.toml in the var directory, else in the current one]' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l old -d 'The panel state that the stored ids speak of: an inventory source, or `twins`, the names and GUIDs that stand beside the ids in the data (`twin` in the manifest) [default: the companion\'s record; where there is none, the twins]' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l new -d 'The panel state that they are to speak of: an inventory source' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l map -d 'A map that a person reviewed, as --map-out writes it: what it says of an object goes before the rules' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l module -d 'The extension\'s id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory]' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l panel-holds -d 'Which ids what looks as before a run holds, in the panel\'s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed' -r -f -a "new\t'Those of after the last run: what it changed is there'
old\t'Those of before it: it did not get there, or the tables were put back'"
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l plan -d 'Apply this plan, made by `reguid plan -o`, and no other: refuse if anything that it depends on has changed' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l emit -d 'Write no settings, and give out a script instead that does: `sql` for the database\'s client (`plesk db`), `php` for the panel\'s PHP. It changes nothing where a setting is not as it was. With a dump as --new, the settings are taken from there' -r -f -a "sql\t'For the database\'s own client'
php\t'For the panel\'s programming interface'"
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l emit-to -d 'The file for the script. It must not be there yet [default: reguid-settings.sql or .php in the current directory]' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l map-out -d 'Write the mapping of old to new objects to this file first, as `reguid plan --map-out` does; also where something unresolved stops the fix' -r
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l format -d 'How to show what was done' -r -f -a "human\t'For a person'
json\t'For programs'
html\t'A page for a browser, without need of a network'"
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l strict -d 'Stop, before anything is written, where a value cannot be read in which the manifest says that ids stand. Without it, such a value stays as it is and is named, and the exit code is 1'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l trust-old -d 'Believe --old even where it contradicts the companion\'s record'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l accept-name -d 'Accept objects matched by their name alone'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l accept-moved -d 'Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l another-panel -d 'The new panel state is another panel\'s, such as a server that the backup was restored to, whatever equal ids tell. Needed where so few objects got other ids that the two look like one panel; then objects without GUIDs, such as mailboxes, stay ambiguous'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -l dry-run -d 'Only show what would be done; change no byte and add no file'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand fix" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand verify" -l manifest -d 'The manifest [default: reguid.toml in the var directory, else in the current one]' -r
complete -c reguid -n "__fish_reguid_using_subcommand verify" -l module -d 'The extension\'s id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory]' -r
complete -c reguid -n "__fish_reguid_using_subcommand verify" -l panel -d 'The panel: an inventory source' -r
complete -c reguid -n "__fish_reguid_using_subcommand verify" -l panel-holds -d 'Which ids what looks as before a run holds, in the panel\'s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed' -r -f -a "new\t'Those of after the last run: what it changed is there'
old\t'Those of before it: it did not get there, or the tables were put back'"
complete -c reguid -n "__fish_reguid_using_subcommand verify" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand verify" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l panel -d 'The panel whose settings the run changed: `plesk:` or `mysql://…`, or with --emit a dump of its database. Needed only where it changed any [default: plesk:]' -r
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l emit -d 'Write no settings, and give out a script instead that takes them back: `sql` for the database\'s client (`plesk db`), `php` for the panel\'s PHP' -r -f -a "sql\t'For the database\'s own client'
php\t'For the panel\'s programming interface'"
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l emit-to -d 'The file for the script. It must not be there yet [default: reguid-settings-back.sql or .php in the current directory]' -r
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l run -d 'Only if this is the last run; with --prune: runs up to this one' -r
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l panel-holds -d 'Which ids what looks as before the run holds, in the panel\'s database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for this where it is needed' -r -f -a "new\t'Those of after the last run: what it changed is there'
old\t'Those of before it: it did not get there, or the tables were put back'"
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l accept-changes -d 'Take the run back although ids were written since: rows that were added or changed stay, and their ids are translated back by the run\'s mapping. What cannot be translated with certainty still stops'
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l prune -d 'Take nothing back, and give up that it can be: delete the journals of the runs from the companion. Tells what would be deleted, and deletes it only with --yes'
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l quarantined -d 'With --prune: also give up the rows in quarantine. Without it they stay there, and can still be put back: see `reguid quarantine`'
complete -c reguid -n "__fish_reguid_using_subcommand undo" -l yes -d 'With --prune: do it'
complete -c reguid -n "__fish_reguid_using_subcommand undo" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l run -d 'Only rows that this run took out' -r
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l reference -d 'Only rows that were taken out because of an id at this place: `sqlite:apps.domain_id`, as the list has it. May be given more than once' -r
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l panel -d 'The panel as it is now: an inventory source [default: plesk:; where that cannot be read, rows are listed without being looked up]' -r
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l format -d 'How to show what there is, or what was done' -r -f -a "human\t'For a person'
json\t'For programs'"
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l restore -d 'Put all rows back of which every id means an object of the panel, with the ids that these have now. All or nothing, as a run of its own, which `reguid undo` takes back. Without it, the rows are only listed'
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l accept-name -d 'Accept objects matched by their name alone'
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l accept-moved -d 'Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer'
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -l another-panel -d 'The panel is another one than that which the rows speak of, whatever equal ids tell'
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand quarantine" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l manifest -d 'The manifest [default: reguid.toml in the var directory, else in the current one]' -r
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l to -d 'What ids become' -r -f -a "guid\t'The object\'s GUID'
name\t'Its name'"
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l reference -d 'Only these places of the manifest, and what foreign keys tie to them: `sqlite:apps.domain_id` [default: every column that holds ids]' -r
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l panel -d 'The panel, as the stored ids speak of it: an inventory source [default: plesk:; none for --emit php, which asks the panel when it runs]' -r
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l emit -d 'Do nothing, and write what would do it: SQL for this server, or PHP for the extension\'s install script' -r -f -a "sql\t'SQL for SQLite\'s own program, with the mapping in it'
php\t'PHP that asks the panel when it runs'"
complete -c reguid -n "__fish_reguid_using_subcommand convert" -s o -l output -d 'Where to write it [default: the standard output]' -r
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l format -d 'How to show what was done' -r -f -a "human\t'For a person'
json\t'For programs'"
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l beside -d 'Keep the id columns, and add columns beside them: for a release that reads both'
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l dry-run -d 'Only show what would be done, tried out on a private copy; change no byte and add no file'
complete -c reguid -n "__fish_reguid_using_subcommand convert" -l write-manifest -d 'Say in the manifest what the columns hold afterwards. Without it, the change is shown'
complete -c reguid -n "__fish_reguid_using_subcommand convert" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand server" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand server" -l stdio -d 'Speak over standard input and output. There is no other way; editors name it all the same'
complete -c reguid -n "__fish_reguid_using_subcommand server" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand server" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand demo" -l color -d 'When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and `CLICOLOR_FORCE`; without any of them a terminal gets colours' -r -f -a "auto\t'As the environment and the terminal tell'
always\t'Always'
never\t'Never'"
complete -c reguid -n "__fish_reguid_using_subcommand demo" -s v -l verbose -d 'Tell more: what was suppressed, and by what'
complete -c reguid -n "__fish_reguid_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "lint" -d 'Find the places where an extension stores raw panel ids'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "explain" -d 'Show a rule\'s page'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "references" -d 'Write what lint proved as entries of the manifest reguid.toml'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "snapshot" -d 'Read a panel\'s objects and write them to a snapshot file or into an extension\'s companion database'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "plan" -d 'Show what a fix would do, cell by cell'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "fix" -d 'Rewrite an extension\'s stored ids after a restore: plan, apply, verify'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "verify" -d 'Check that all stored ids resolve on this panel'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "undo" -d 'Take the last run back'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "quarantine" -d 'List rows that were taken out because their object was gone, and put them back'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "convert" -d 'Turn id columns into GUID or name columns, schema and data'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "server" -d 'Serve an editor: findings, rule pages and quick fixes over the language server protocol'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "demo" -d 'Show the whole story on a sample extension, in a temporary folder'
complete -c reguid -n "__fish_reguid_using_subcommand help; and not __fish_seen_subcommand_from lint explain references snapshot plan fix verify undo quarantine convert server demo help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
