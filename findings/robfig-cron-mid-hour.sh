#!/usr/bin/env bash
# What:    github.com/robfig/cron/v3; times of the nights on which clocks change in the middle of an hour, as in Australia/Lord_Howe.
# Version: v3.0.1, Go 1.26.8 with its embedded time zones.
# Guess:   (written down after a first look, so take it for what one would expect) as in Europe/Berlin: a time that the clocks skip is left out, one that they show twice comes twice, and all
#          others come once.
# Seen:    on 2026-04-05, when 02:00 becomes 01:30, "0 2 * * *" and "15 2 * * *" do not come at all, although the clocks show 02:00 and 02:15 once;
#          "*/15 0-4 * * *" has both. On 2026-10-04, when 02:00 becomes 02:30, "45 1 * * *" comes at 01:45 and again at 02:45.
# Means:   whoever steps by whole hours and then sets the minute is an hour off where clocks change by less. A night's run can be missing, or come twice
#          at a time that nobody asked for. An implementation that is compared with this one leaves the zone out, or explains it.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -q 'robfig/cron/v3 v3.0.1' go.mod || { echo "this is not robfig/cron v3.0.1" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.go" <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	zone, err := time.LoadLocation("Australia/Lord_Howe")
	if err != nil {
		panic(err)
	}
	for _, night := range []struct {
		month, day int
		text       string
	}{{4, 5, "0 2 * * *"}, {4, 5, "15 2 * * *"}, {10, 4, "45 1 * * *"}} {
		s, err := cron.ParseStandard("CRON_TZ=Australia/Lord_Howe " + night.text)
		if err != nil {
			panic(err)
		}
		t := time.Date(2026, time.Month(night.month), night.day, 0, 0, 0, 0, zone)
		fmt.Printf("%02d-%02d %s:", night.month, night.day, night.text)
		for end := t.Add(5 * time.Hour); ; {
			if t = s.Next(t); !t.Before(end) {
				break
			}
			fmt.Print(t.Format(" 15:04Z07"))
		}
		fmt.Println()
	}
}
GO
seen=$(go run "$dir/main.go")
echo "$seen"
[ "$seen" = "04-05 0 2 * * *:
04-05 15 2 * * *:
10-04 45 1 * * *: 01:45+10 02:45+11" ] || { echo "no longer so" >&2; exit 1; }
