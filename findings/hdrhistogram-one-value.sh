#!/usr/bin/env bash
# What:    HdrHistogram in Go, Java and JavaScript, made for three significant digits: smallest, largest, mean and 100th percentile after one value, 1000003.
# Version: hdrhistogram-go v1.4.0 (Go 1.26), Debian 12's libhdrhistogram-java 2.1.11 (Java 17), hdr-histogram-js 3.0.0 from npm (node 20).
# Guess:   (written before it was run) the same in all, as they are ports of one another; smallest and largest are exact, as they are kept apart.
# Seen:    the largest is 1000447 in Go and Java and 1000003 in JavaScript, the smallest 999936 in Go and Java and 1000003 in JavaScript. The mean is 1000192 and
#          the 100th percentile 1000447 in all three, so in JavaScript the latter is above the largest.
# Means:   "max" of a tool that stands on the first two is up to a thousandth above anything that was measured, the mean of one answer is not that
#          answer, and two tools over the same run differ in the last digits. A test that compares such figures exactly compares the libraries.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
node --version | grep -q '^v20\.' || { echo "this is not Node.js 20" >&2; exit 2; }
jar=/usr/share/java/hdrhistogram-2.1.11.jar
[ -f $jar ] && java -version 2>&1 | grep -q '"17\.' || { echo "this needs Debian 12's libhdrhistogram-java 2.1.11 and openjdk-17-jdk-headless" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func main() {
	h := hdrhistogram.New(1, 3600000000, 3)
	h.RecordValue(1000003)
	fmt.Println("Go:", h.Min(), h.Max(), int64(h.Mean()), h.ValueAtPercentile(100))
}
GO
cat >H.java <<'JAVA'
public class H {
    public static void main(String[] args) {
        var h = new org.HdrHistogram.Histogram(3600000000L, 3);
        h.recordValue(1000003);
        System.out.println("Java: " + h.getMinNonZeroValue() + " " + h.getMaxValue() + " " + (long) h.getMean() + " " + h.getValueAtPercentile(100));
    }
}
JAVA
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/HdrHistogram/hdrhistogram-go@v1.4.0 >/dev/null 2>&1
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact hdr-histogram-js@3.0.0 >/dev/null 2>&1
seen="$(go run .)
$(java -cp $jar H.java)
$(node -e '
const h = require("hdr-histogram-js").build({ numberOfSignificantValueDigits: 3 });
h.recordValue(1000003);
console.log("JavaScript:", h.minNonZeroValue, h.maxValue, h.mean, h.getValueAtPercentile(100))')"
echo "$seen"
[ "$seen" = "Go: 999936 1000447 1000192 1000447
Java: 999936 1000447 1000192 1000447
JavaScript: 1000003 1000003 1000192 1000447" ] || { echo "no longer so" >&2; exit 1; }
