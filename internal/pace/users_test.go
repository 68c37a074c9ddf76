package pace

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

type change struct {
	At     time.Duration
	Target int
}

// changes walks at most n changes.
func changes(s Shape, from time.Duration, n int) []change {
	var list []change
	for l := NewLevels(s, from); len(list) < n; {
		at, target, ok := l.Next()
		if !ok {
			break
		}
		list = append(list, change{at, target})
	}
	return list
}

const ms = time.Millisecond

func TestLevels(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    Shape
		from time.Duration
		want []change
	}{
		{"ten a second", Closed(5, 10), 0, []change{{0, 1}, {100 * ms, 2}, {200 * ms, 3}, {300 * ms, 4}, {400 * ms, 5}}},
		{"all at once", Closed(500, 0), 0, []change{{0, 500}}},
		{"nobody", Closed(0, 10), 0, []change{{0, 0}}},
		{"three a second", Closed(4, 3), 0, []change{{0, 1}, {333333333, 2}, {666666667, 3}, {time.Second, 4}}},
		{"down", Toward(3, 0, 10), 0, []change{{0, 3}, {100 * ms, 2}, {200 * ms, 1}, {300 * ms, 0}}},
		{"up from five", Toward(5, 7, 2), 0, []change{{0, 6}, {500 * ms, 7}}},
		{"nothing to do", Toward(5, 5, 2), 0, []change{{0, 5}}},
		{"later", Closed(5, 10), 250 * ms, []change{{250 * ms, 3}, {300 * ms, 4}, {400 * ms, 5}}},
		{"a jump", parse(t, "0:2,1s:2,1s:9,2s:9"), 0, []change{{0, 2}, {time.Second, 9}}},
		{"up and down", parse(t, "0:0,2s:2,4s:0"), 0, []change{{0, 1}, {time.Second, 2}, {3 * time.Second, 1}, {4 * time.Second, 0}}},
		{"a fraction is a user", parse(t, "0.2"), 0, []change{{0, 1}}},
		{"steps", parse(t, "steps(10, 30, by=10, every=1s)"), 0, []change{{0, 10}, {time.Second, 20}, {2 * time.Second, 30}}},
		{"a wave that never crosses", parse(t, "sine(0.2, 0.8, period=1s)"), 0, []change{{0, 1}}},
		{
			"scaled", parse(t, "0.5 * (0:0,4s:4) + 1"), 0,
			[]change{{0, 2}, {2 * time.Second, 3}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := changes(tc.s, tc.from, 100)
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v\nwant %v", got, tc.want)
			}
		})
	}
}

// TestLevelsAreTargets checks that between two changes the target stays, and that at each it differs.
func TestLevelsAreTargets(t *testing.T) {
	for _, s := range shapesOfAllKinds(t) {
		list := changes(s, 0, 5000)
		for i, c := range list {
			if got := Target(s, c.At); got != c.Target {
				t.Fatalf("%v: Target(%v) = %d, Levels says %d", s, c.At, got, c.Target)
			}
			if i == 0 {
				continue
			}
			if before := Target(s, c.At-1); before != list[i-1].Target || before == c.Target {
				t.Fatalf("%v: just before %v the target is %d, after the changes %v, %v", s, c.At, before, list[i-1], c)
			}
		}
	}
}

func TestHugeRampKeepsItsSchedule(t *testing.T) {
	s := Closed(50_000, 5000)
	l := NewLevels(s, 0)
	for k := range 50_000 {
		at, target, ok := l.Next()
		want := time.Duration(k) * 200 * time.Microsecond
		if off := at - want; !ok || target != k+1 || off < -1 || off > 1 {
			t.Fatalf("user %d comes at %v (%d, %v), want %v", k, at, target, ok, want)
		}
	}
	if _, _, ok := l.Next(); ok {
		t.Error("a change after the last")
	}
}

func TestShape1hRampDownOfAMillion(t *testing.T) {
	s := parse(t, "ramp(1000000, 0, over=1h)")
	l := NewLevels(s, 0)
	count, last := 0, change{-1, 1_000_001}
	for {
		at, target, ok := l.Next()
		if !ok {
			break
		}
		if at <= last.At || target != last.Target-1 {
			t.Fatalf("%v after %v", change{at, target}, last)
		}
		last = change{at, target}
		count++
	}
	if count != 1_000_001 || last != (change{time.Hour, 0}) {
		t.Errorf("%d changes, the last %v", count, last)
	}
}

func TestTowardTexts(t *testing.T) {
	for _, s := range []Shape{Closed(500, 10), Toward(9, 2, 3), Closed(7, 0)} {
		again := parse(t, s.String())
		if again.String() != s.String() || !slices.Equal(changes(again, 0, 1000), changes(s, 0, 1000)) {
			t.Errorf("%v reads back as %v", s, again)
		}
		if _, ok := s.End(); ok {
			t.Errorf("%v has an end", s)
		}
		checkShape(t, s)
	}
}

func TestPhases(t *testing.T) {
	const s = time.Second
	for _, tc := range []struct {
		text string
		want []Phase
	}{
		{"500", []Phase{{"steady", 0, 0}}},
		{"0:0,30s:500,60s:500,90s:0", []Phase{{"ramp", 0, 30 * s}, {"steady", 30 * s, 60 * s}, {"ramp-down", 60 * s, 90 * s}}},
		{"0:0,10s:5,30s:500,60s:500,90s:500", []Phase{{"ramp", 0, 30 * s}, {"steady", 30 * s, 90 * s}}},
		{"0:5,10s:5,10s:9,20s:9", []Phase{{"steady", 0, 10 * s}, {"steady", 10 * s, 20 * s}}},
		{
			"spike(1, 9, at=5s, for=2s, rise=1s)",
			[]Phase{{"steady", 0, 5 * s}, {"spike", 5 * s, 9 * s}, {"steady", 9 * s, 14 * s}},
		},
		{"spike(1, 9, at=0, for=2s)", []Phase{{"spike", 0, 2 * s}}},
		{"steps(10, 20, by=10, every=5s)", []Phase{{"step 10", 0, 5 * s}, {"step 20", 5 * s, 10 * s}}},
		{"sine(1, 5, period=1m)", []Phase{{"wave", 0, 0}}},
		{"sine(1, 5, period=1m) for 9s", []Phase{{"wave", 0, 9 * s}}},
		{"rates(1, 2, every=1s)", []Phase{{"playback", 0, 2 * s}}},
		{"ramp(0, 5, over=9s) for 20s", []Phase{{"ramp", 0, 9 * s}, {"steady", 9 * s, 20 * s}}},
		{"ramp(0, 5, over=9s) then 5", []Phase{{"ramp", 0, 9 * s}, {"steady", 9 * s, 0}}},
		{"0:0,9s:5,20s:5 from 4s", []Phase{{"ramp", 0, 5 * s}, {"steady", 5 * s, 16 * s}}},
		{
			"0:0,9s:5,30s:5 + spike(0, 9, at=15s, for=5s, after=0) + sine(0, 1, period=1m) for 40s",
			[]Phase{{"ramp", 0, 9 * s}, {"wave", 9 * s, 15 * s}, {"spike", 15 * s, 20 * s}, {"wave", 20 * s, 40 * s}},
		},
		{"5 + rates(1, 2, every=1s)", []Phase{{"playback", 0, 2 * s}, {"steady", 2 * s, 0}}},
	} {
		if got := parse(t, tc.text).Phases(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v\nwant %v", tc.text, got, tc.want)
		}
	}
}

func TestDelay(t *testing.T) {
	s := Delay(parse(t, "ramp(0, 10, over=10s) then 10"), 5*time.Second)
	for at, want := range map[time.Duration]float64{0: 0, 4999 * ms: 0, 10 * time.Second: 5, 15 * time.Second: 10, time.Hour: 10} {
		if got := s.Level(at); got != want {
			t.Errorf("Level(%v) = %v, want %v", at, got, want)
		}
	}
	if got := fmt.Sprint(s.Phases()); got != "[{ramp 5s 15s} {steady 15s 0s}]" {
		t.Errorf("phases %s", got)
	}
	if s := Delay(s, 0); s.Level(10*time.Second) != 5 {
		t.Error("no delay changes the shape")
	}
}
