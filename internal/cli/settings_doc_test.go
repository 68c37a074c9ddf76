package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

const settingsDoc = "../../docs/settings.md"

const settingsIntro = `# Settings

Every setting of ` + "`run`" + ` can be given in four places. The strongest wins:

1. a flag: ` + "`--users 500`" + `
2. the environment: ` + "`STAMPEDE_USERS=500`" + `
3. ` + "`stampede.yaml`" + ` in the current folder, or the file that ` + "`--config`" + ` names: ` + "`users: 500`" + `
4. the default

` + "`config explain`" + ` prints each setting, its value and where it came from; it takes the flags of ` + "`run`" + `, so that a whole command line can be
tried. Passwords are hidden there.

` + "```yaml" + `
# stampede.yaml
host: https://staging.example.org
users: "0:0,30s:500,5m:500"
tags: [checkout, search]
thresholds:
  - p95 < 500ms
  - '"Log In" p99 < 1s over 10s stop'
` + "```" + `

- Times are Go's (` + "`1h20m`, `250ms`" + `) or plain seconds (` + "`90`" + `). Rates are per second unless they say otherwise: ` + "`50`, `50/s`, `300/m`" + `.
- A list is given by repeating the flag, or with commas; in the file it is a list. Commas in quotes and brackets part nothing. What
  holds commas of its own (` + "`link`, `header`, `threshold`" + `) is one value for each flag; in ` + "`STAMPEDE_LINK`" + ` and ` + "`STAMPEDE_HEADER`" + ` each stands on a
  line of its own. A stronger source replaces a list, except for thresholds: those of all sources and of the test count together, so that none
  gets lost.
- ` + "`users` and `rate`" + ` contradict each other: from the same source that is a mistake, otherwise the stronger source counts and the other
  is put aside.
- A key in the file that is no setting is a mistake, and the nearest name is offered. A ` + "`STAMPEDE_`" + ` variable that looks like a misspelt
  setting is pointed out and not used.
- Flags that a test adds itself (package launch) are settings like these.
- All mistakes are shown together, before anything starts; the exit status is then 2.
`

const settingsHit = `
## hit

` + "`stampede hit URL...`" + ` takes the settings above, except ` + "`host`, `target`, `tags`, `exclude-tags`, `log` and `log-level`" + `, and these. ` + "`-H`" + ` is a header there and ` + "`-k`" + ` is
` + "`--insecure`" + `, as in curl; ` + "`-n`" + ` is ` + "`--iterations`" + `. Without ` + "`-u`, `--rate` and `-t`" + ` it is 50 users, and the time is 10 s with all of the load there. ` + "`stampede.yaml`" + ` belongs to a test, so
` + "`hit`" + ` reads it only when ` + "`--config`" + ` names it, but for ` + "`ledger`, `no-record` and `hosts`" + `: what is hit in a folder is in the ledger of that folder.
`

// TestSettingsDoc keeps docs/settings.md true: the table in it is the table of the program.
func TestSettingsDoc(t *testing.T) {
	a := newTestApp(t)
	var b strings.Builder
	b.WriteString(settingsIntro)
	var o options
	table := a.runSettings(&o)
	table = append(table, setting.Setting{
		Name: configFlag, Arg: "FILE", Default: setting.FileName, Group: groupOther, NotInFile: true, Help: "the file of settings to read",
	})
	var groups []string
	for _, s := range table {
		if !slices.Contains(groups, s.Group) {
			groups = append(groups, s.Group)
		}
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n", g)
		settingsTable(&b, table, g)
	}
	b.WriteString(settingsHit + "\n")
	var h hitOptions
	settingsTable(&b, a.hitSettings(&h), groupRequest)
	if *update {
		if err := os.WriteFile(settingsDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(settingsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is not what the program's table says; run go test -run SettingsDoc -update ./internal/cli", settingsDoc)
	}
}

func settingsTable(b *strings.Builder, table []setting.Setting, group string) {
	b.WriteString("| flag | variable | file | default | what |\n|---|---|---|---|---|\n")
	escape := strings.NewReplacer("|", `\|`, "<", "&lt;")
	for _, s := range table {
		if s.Group != group {
			continue
		}
		flag := "`--" + s.Name
		if s.Short != "" {
			flag = "`-" + s.Short + "`, " + flag
		}
		if s.Arg != "" {
			flag += " " + s.Arg
		}
		key := "`" + s.Name + "`"
		switch {
		case s.NotInFile:
			key = ""
		case s.Key != "":
			key = "`" + s.Key + "`"
		}
		fmt.Fprintf(b, "| %s` | `%s` | %s | %s | %s |\n", strings.ReplaceAll(flag, "|", `\|`), s.Variable(), key, s.Default, escape.Replace(s.Help))
	}
}
