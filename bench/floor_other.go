//go:build !linux

package main

import "time"

type lateness struct{ Median, P99, P999, Max time.Duration }

func sleeperLateness(int, time.Duration, time.Duration) (lateness, bool) { return lateness{}, false }

func bareExchange(time.Duration, time.Duration) (lateness, bool) { return lateness{}, false }
