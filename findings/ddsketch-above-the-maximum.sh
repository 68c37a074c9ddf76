#!/usr/bin/env bash
# What:    DDSketch in Go and JavaScript (as in Datadog and artillery), with its 1 %: percentiles of a hundred equal values of 100, and of 1 and 1000.
# Version: github.com/DataDog/sketches-go v1.4.7 (Go 1.26), @datadog/sketches-js 2.1.0 from npm (node 20).
# Guess:   (written before it was run) 100 for all of the former: smallest and largest are kept exactly, and nothing is said beyond them. The 99th of
#          the latter is 1000.
# Seen:    100.4946 for every percentile of equal values, although the sketch knows its largest as 100 (in JavaScript; in Go that is 100.4946 as well).
#          The 99th of two values is about the smaller of them, as the rank is rounded down: 1.01 in Go and 0.99 in JavaScript.
# Means:   a p50 above the maximum in a report is no fault of the run, and answers of exactly one second are told as 1002.4 ms. A limit that the site keeps
#          to the millisecond can be "broken" by half a percent: put limits further away than the sketch is wide.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
node --version | grep -q '^v20\.' || { echo "this is not Node.js 20" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/DataDog/sketches-go/ddsketch"
)

func main() {
	equal, _ := ddsketch.NewDefaultDDSketch(0.01)
	for range 100 {
		equal.Add(100)
	}
	two, _ := ddsketch.NewDefaultDDSketch(0.01)
	two.Add(1)
	two.Add(1000)
	values, _ := equal.GetValuesAtQuantiles([]float64{0.5, 1})
	largest, _ := equal.GetMaxValue()
	p99, _ := two.GetValueAtQuantile(0.99)
	p100, _ := two.GetValueAtQuantile(1)
	fmt.Printf("Go: p50 %.4f, p100 %.4f, largest %.4f; of two p99 %.2f, p100 %.2f\n", values[0], values[1], largest, p99, p100)
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/DataDog/sketches-go/ddsketch@v1.4.7 >/dev/null 2>&1
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact @datadog/sketches-js@2.1.0 >/dev/null 2>&1
seen="$(go run .)
$(node -e '
const { DDSketch } = require("@datadog/sketches-js");
const equal = new DDSketch(), two = new DDSketch();
for (let i = 0; i < 100; i++) equal.accept(100);
two.accept(1); two.accept(1000);
const q = (s, x, n) => s.getValueAtQuantile(x).toFixed(n);
console.log(`JavaScript: p50 ${q(equal, 0.5, 4)}, p100 ${q(equal, 1, 4)}, largest ${equal.max.toFixed(4)}; of two p99 ${q(two, 0.99, 2)}, p100 ${q(two, 1, 2)}`)')"
echo "$seen"
[ "$seen" = "Go: p50 100.4946, p100 100.4946, largest 100.4946; of two p99 1.01, p100 1002.43
JavaScript: p50 100.4946, p100 100.4946, largest 100.0000; of two p99 0.99, p100 1002.43" ] || { echo "no longer so" >&2; exit 1; }
