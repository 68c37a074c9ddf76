#!/usr/bin/env bash
# What:    the label "le" of a histogram's bucket of 1 second on one exporter's page, asked as curl asks and as Prometheus asks (OpenMetrics).
# Version: github.com/prometheus/client_golang v1.25.0 with EnableOpenMetrics, Go 1.26.
# Guess:   (written before it was run) the same, as labels are what a series is known by.
# Seen:    le="1" in the one, le="1.0" in the other; le="0.5" and le="+Inf" are alike in both.
# Means:   a query copied from the page in a browser, such as the share of answers below a second by le="1", finds nothing in Prometheus, and a check of
#          thresholds that takes "nothing" for 0 passes. Which of the two a server stores changes with its version and settings; le=~"1(.0)?" finds both.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	registry := prometheus.NewRegistry()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "seconds", Buckets: []float64{0.5, 1, 10}})
	registry.MustRegister(h)
	site := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	for _, accept := range []string{"*/*", "application/openmetrics-text;version=1.0.0"} {
		q, _ := http.NewRequest("GET", site.URL, http.NoBody)
		q.Header.Set("Accept", accept)
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			panic(err)
		}
		fmt.Print(accept, ":")
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if _, le, ok := strings.Cut(lines.Text(), `le="`); ok {
				le, _, _ = strings.Cut(le, `"`)
				fmt.Print(" ", le)
			}
		}
		fmt.Println()
	}
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/prometheus/client_golang/prometheus@v1.25.0 github.com/prometheus/client_golang/prometheus/promhttp@v1.25.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "*/*: 0.5 1 10 +Inf
application/openmetrics-text;version=1.0.0: 0.5 1.0 10.0 +Inf" ] || { echo "no longer so" >&2; exit 1; }
