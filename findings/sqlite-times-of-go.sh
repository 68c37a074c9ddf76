#!/usr/bin/env bash
# What:    modernc.org/sqlite; a time.Time in a column of type datetime: what SQLite's own functions make of it, and the order of two times of two zones.
# Version: modernc.org/sqlite v1.61.1, Go 1.26.
# Guess:   (written before it was run) strftime works on it, as SQLite knows dates as text in ISO 8601; so order is time.
# Seen:    it is stored as Go prints it, "2026-11-30 01:00:00 +0000 UTC". strftime gives NULL, and ORDER BY goes by the clock of each zone: 01:00 in London comes
#          before 01:30 in Berlin, which was half an hour earlier.
# Means:   a ledger of runs that workers of several zones wrote to is out of order without any error, and sums by the hour are sums of NULL. Store
#          UnixNano, or open with _time_format=sqlite and times in UTC.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"database/sql"
	"fmt"
	"time"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", "file:runs.db")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	for _, run := range []struct {
		place string
		at    time.Time
	}{
		{"London", time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)},
		{"Berlin", time.Date(2026, 11, 30, 1, 30, 0, 0, time.FixedZone("CET", 3600))},
	} {
		if _, err := db.Exec("CREATE TABLE IF NOT EXISTS runs (place TEXT, at DATETIME); INSERT INTO runs VALUES (?, ?)", run.place, run.at); err != nil {
			panic(err)
		}
	}
	var text, first string
	var hour sql.NullString
	if err := db.QueryRow("SELECT '' || at, strftime('%H', at) FROM runs WHERE place = 'London'").Scan(&text, &hour); err != nil {
		panic(err)
	}
	if err := db.QueryRow("SELECT place FROM runs ORDER BY at LIMIT 1").Scan(&first); err != nil {
		panic(err)
	}
	fmt.Printf("stored as %q, strftime is NULL: %t, first is %s\n", text, !hour.Valid, first)
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get modernc.org/sqlite@v1.61.1 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = 'stored as "2026-11-30 01:00:00 +0000 UTC", strftime is NULL: true, first is London' ] || { echo "no longer so" >&2; exit 1; }
