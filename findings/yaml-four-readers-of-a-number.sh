#!/usr/bin/env bash
# What:    five plain scalars of YAML, as they stand in files of load tests and of Kubernetes, read by four libraries.
# Version: go.yaml.in/yaml/v3 v3.0.5 (Go 1.26), js-yaml 4.1.0 and yaml 2.4.5 from npm (node 20), Debian 12's python3-yaml 6.0.
# Guess:   (written before it was run) but for 1:30, which only YAML 1.1 has as 90, all read the same: 420, 1000, 1000.
# Seen:    0644 is 420 in Go and Python and 644 in both of JavaScript; 1_000 is a text in one of JavaScript's two and 1000 in the other three; 1e3 is a text in
#          Python and 1000 in the others; 0o17 is a text in Python alone; 1:30 is 90 in Python alone.
# Means:   "rate: 1e3" or "users: 1_000" that works in one tool is an error or a text in another, and "defaultMode: 0644", written by a script in
#          JavaScript as a number, is mode 1204. Numbers in a configuration that several read are written in plain digits, or quoted.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
node --version | grep -q '^v20\.' || { echo "this is not Node.js 20" >&2; exit 2; }
/usr/bin/python3 -c 'import yaml; assert yaml.__version__ == "6.0"' 2>/dev/null || { echo "this needs Debian 12's python3-yaml 6.0" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf '[0644, 1_000, 1e3, 0o17, 1:30]\n' >in.yaml
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact js-yaml@4.1.0 yaml@2.4.5 >/dev/null 2>&1
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"os"

	"go.yaml.in/yaml/v3"
)

func main() {
	text, _ := os.ReadFile("in.yaml")
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		panic(err)
	}
	json.NewEncoder(os.Stdout).Encode(v)
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get go.yaml.in/yaml/v3@v3.0.5 >/dev/null 2>&1
seen="go: $(go run .)
js-yaml: $(node -p 'JSON.stringify(require("js-yaml").load(require("fs").readFileSync("in.yaml", "utf8")))')
yaml: $(node -p 'JSON.stringify(require("yaml").parse(require("fs").readFileSync("in.yaml", "utf8")))')
python: $(/usr/bin/python3 -c 'import json, yaml; print(json.dumps(yaml.safe_load(open("in.yaml")), separators=(",", ":")))')"
echo "$seen"
[ "$seen" = 'go: [420,1000,1000,15,"1:30"]
js-yaml: [644,1000,1000,15,"1:30"]
yaml: [644,"1_000",1000,15,"1:30"]
python: [420,1000,"1e3","0o17",90]' ] || { echo "no longer so" >&2; exit 1; }
