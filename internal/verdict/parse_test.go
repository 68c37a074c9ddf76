package verdict

import (
	"errors"
	"strings"
	"testing"
)

func TestParseAccepts(t *testing.T) {
	for _, c := range []struct{ expr, canonical string }{ // canonical "" means: as written
		{`p95 < 500ms`, ""},
		{`"Log In" p99 < 1s`, ""},
		{`[GET "Logged In*"] failures < 0.5%`, ""},
		{`[GET] count > 100`, ""},
		{`p99 < 2s over 10s stop`, ""},
		{`rate >= 950/s during steady`, ""},
		{`service.p95 < 300ms and lag.p99 < 5ms`, ""},
		{`failures(timeout) = 0`, ""},
		{`failures(5xx) < 1%`, ""},
		{`failed(503) <= 3`, ""},
		{`failures(connect_timeout) = 0`, `failures(connect timeout) = 0`},
		{`failures(Connect  Timeout) = 0`, `failures(connect timeout) = 0`},
		{`dropped = 0`, ""},
		{`seconds(p95 < 500ms) >= 99%`, ""},
		{`"Buy" seconds(p95 < 500ms and users > 3) >= 99%`, `seconds("Buy" p95 < 500ms and users > 3) >= 99%`},
		{`seconds([GET] p95 < 1s or "x" rate > 5/s) >= 99% over 1m during steady`, ""},
		{`p95 <= baseline * 1.1`, ""},
		{`p95 <= baseline`, ""},
		{`rate>=baseline*0.9`, `rate >= baseline * 0.9`},
		{`p95<500ms`, `p95 < 500ms`},
		{"  p95\n\t<  500 ms  ", `p95 < 500ms`},
		{`p(95) < 500ms`, `p95 < 500ms`},
		{`p(99.9) < 1s`, `p99.9 < 1s`},
		{`p0 > 1us and p100 < 1h`, ""},
		{`p99.999 < 1.5s`, ""},
		{`p95 < 1500us`, `p95 < 1.5ms`},
		{`p95 < 1500µs`, `p95 < 1.5ms`},
		{`p95 < 1500μs`, `p95 < 1.5ms`},
		{`p95 < 90s`, `p95 < 1m30s`},
		{`p95 < 1m30s`, ""},
		{`p95 < 0.5h`, `p95 < 30m`},
		{`mean == 0`, `mean = 0`},
		{`min > 0ms`, `min > 0`},
		{`max != 1s`, ""},
		{`count >= 1000`, ""},
		{`users >= 500 and in_flight < 100`, ""},
		{`bytes > 1.5MB`, ""},
		{`bytes > 1500000 B`, `bytes > 1.5MB`},
		{`bytes > 1KiB`, `bytes > 1.024KB`},
		{`rate >= 57000/min`, `rate >= 950/s`},
		{`rate >= 100/h`, `rate >= 0.027777777777777776/s`},
		{`rate >= 950 /s`, `rate >= 950/s`},
		{`failures < 100 %`, `failures < 100%`},
		{`response.mean < 1s and first_byte.p50 < 1s and failed.max < 1s`, ""},
		{`not p95 < 1s`, ""},
		{`not not p95 < 1s`, `p95 < 1s`},
		{`(p95 < 1s)`, `p95 < 1s`},
		{`not (p95 < 1s and rate > 1/s)`, ""},
		{`p95 < 1s or p99 < 2s and rate > 1/s`, ""},
		{`(p95 < 1s or p99 < 2s) and rate > 1/s`, ""},
		{`p95 < 1s and (p99 < 2s and rate > 1/s)`, `p95 < 1s and p99 < 2s and rate > 1/s`},
		{`(p95 < 1s and p99 < 2s over 5s) over 10s during steady stop`, `p95 < 1s over 10s during steady and p99 < 2s over 5s during steady stop`},
		{`p95 < 1s during steady over 1m`, `p95 < 1s over 1m during steady`},
		{`p95 < 1s during "lunch rush"`, ""},
		{`p95 < 1s during ramp-down`, ""},
		{`p95 < 1s during "steady"`, `p95 < 1s during steady`},
		{`p95 < 1s during "stop" stop`, ""},
		{`p95 < 1s during "a * b"`, `p95 < 1s during "a \* b"`},
		{`'Log In' p99 < 1s`, `"Log In" p99 < 1s`},
		{`'it\'s "q"' p50 < 1s`, `"it's \"q\"" p50 < 1s`},
		{`"100\* \\ off" p50 < 1s`, ""},
		{`["My Type" "x"] p50 < 1s`, ""},
		{`["My Type" "*"] p50 < 1s`, ""},
		{`["x"] p50 < 1s`, `"x" p50 < 1s`},
		{`[GET"x"] p50 < 1s`, `[GET "x"] p50 < 1s`},
		{`[ * "x" ] p50 < 1s`, `"x" p50 < 1s`},
		{`[G* "x"] p50 < 1s`, ""},
		{`"*" p50 < 1s`, `p50 < 1s`},
		{`[STEP "Buy"] p50 < 1s`, ""},
	} {
		r, err := Parse(c.expr)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		want := c.canonical
		if want == "" {
			want = c.expr
		}
		if got := r.String(); got != want {
			t.Errorf("Parse(%q).String() = %q, want %q", c.expr, got, want)
		}
		if r.Expr() != c.expr {
			t.Errorf("Parse(%q).Expr() = %q, want it as written", c.expr, r.Expr())
		}
		if again, err := Parse(r.String()); err != nil || !again.Equal(r) {
			t.Errorf("the canonical form of %q does not give the same rule: %v, %v", c.expr, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		expr string
		pos  int
		says string // part of the message or the hint
	}{
		{``, 0, "empty"},
		{`   `, 3, "empty"},
		{`p95`, 3, "a comparison is missing"},
		{`p95 <`, 5, "write 500ms"},
		{`<<`, 0, "<< is no comparison"},
		{`< 500ms`, 0, "a metric is expected"},
		{`p(101) < 1s`, 2, "between p0 and p100"},
		{`p101 < 1s`, 1, "between p0 and p100"},
		{`p(95 < 1s`, 5, "unexpected <"},
		{`p(95`, 1, "not closed"},
		{`p() < 1s`, 2, "a number from 0 to 100"},
		{`p < 500`, 0, "p95"},
		{`p95. < 1s`, 0, "did you mean p95?"},
		{`p9x5 < 1s`, 0, "did you mean p95?"},
		{`p95 < 500`, 6, "write 500ms or 500s"},
		{`p95 < 5%`, 7, "p95 is a time, % measures a share"},
		{`p95 < 5/s`, 7, "write 500ms"},
		{`p95 < 500MS`, 9, "did you mean ms?"},
		{`p95 < 500 mss`, 10, "did you mean ms?"},
		{`p95 < 1.2.3s`, 6, "is no number"},
		{`p95 < 1.s`, 6, "is no number"},
		{`p95 < .5s`, 6, "write 0.5"},
		{`p95 < -1s`, 6, "never negative"},
		{`p95 < 99999999h`, 6, "too l"},
		{`count < 99999999999999999999`, 8, "too large"},
		{`p95 < fast`, 6, "a value is expected"},
		{`p95 < baselin`, 6, "did you mean baseline?"},
		{`p95 < baseline *`, 16, "a plain number"},
		{`p95 < baseline * 110%`, 17, "a plain number"},
		{`p95 < baseline * 0`, 17, "above 0"},
		{`p95 =< 1s`, 4, "write <="},
		{`p95 => 1s`, 4, "write >="},
		{`p95 <> 1s`, 4, "write !="},
		{`p95 ≤ 1s`, 4, "write <="},
		{`p95 500ms`, 4, "a comparison is expected"},
		{`! p95 < 1s`, 0, "write not"},
		{`p95 < 1s && p99 < 2s`, 9, "write and"},
		{`p95 < 1s || p99 < 2s`, 9, "write or"},
		{`p95 < 1s p99 < 2s`, 9, "join conditions"},
		{`p95 < 1s and`, 12, "a metric is missing"},
		{`and p95 < 1s`, 0, "a metric is expected"},
		{`p95 < 1s ovr 10s`, 9, "did you mean over?"},
		{`p95 < 1s over`, 13, "a window is missing"},
		{`p95 < 1s over steady`, 14, "a window is expected"},
		{`p95 < 1s over 10`, 14, "write 10s"},
		{`p95 < 1s over 10%`, 16, "no unit of time"},
		{`p95 < 1s over 500ms`, 14, "write 1s"},
		{`p95 < 1s over 0s`, 14, "whole seconds"},
		{`p95 < 1s over 2h`, 14, "at most one hour"},
		{`p95 < 1s over 5s over 6s`, 17, "given twice"},
		{`p95 < 1s during`, 15, "a phase is missing"},
		{`p95 < 1s during 10s`, 16, "a phase is expected"},
		{`p95 < 1s during stop`, 16, "a phase is expected"},
		{`p95 < 1s stop and rate > 1/s`, 9, "the last word"},
		{`(p95 < 1s stop)`, 10, "the last word"},
		{`(p95 < 1s`, 0, "not closed"},
		{`p95 < 1s)`, 8, "closes nothing"},
		{`()`, 1, "a metric is expected"},
		{`"Log In" (p95 < 1s)`, 9, "before each metric"},
		{`"a" "b" p95 < 1s`, 4, "one selector"},
		{`"Log In p95`, 0, `end it with "`},
		{`“Log In” p95 < 1s`, 0, "straight quotes"},
		{`"" p95 < 1s`, 0, "empty"},
		{`"\d+" p95 < 1s`, 1, "backslash"},
		{`[] p95 < 1s`, 1, "empty"},
		{`[GET "x" p95 < 1s`, 9, "unexpected p95"},
		{`[GET`, 0, "not closed"},
		{`[GET POST] p95 < 1s`, 5, "unexpected POST"},
		{`["a" "b" "c"] p95 < 1s`, 9, "unexpected"},
		{`"Log In" users > 3`, 0, "not by name"},
		{`pp95 < 1s`, 0, "did you mean p95?"},
		{`avg < 1s`, 0, "did you mean mean?"},
		{`http_req_duration < 1s`, 0, "did you mean p95?"},
		{`http_req_failed < 1%`, 0, "did you mean failures?"},
		{`rps > 5/s`, 0, "did you mean rate?"},
		{`zebra > 5`, 0, "one of: p50, p95, p99, seconds, mean"},
		{`srevice.p95 < 1s`, 0, "there is no metric srevice.p95"},
		{`service < 1s`, 0, "service.p95"},
		{`service. < 1s`, 8, "service.p95"},
		{`service.rate > 1/s`, 8, "not a figure of a time"},
		{`service.p9 5 < 1s`, 11, "a comparison is expected"},
		{`lag.seconds(p95 < 1s) > 1%`, 0, "not a figure of a time"},
		{`p95(5xx) < 1s`, 3, "takes no brackets"},
		{`failures() > 1%`, 9, "a cause is missing"},
		{`failures( > 1%`, 10, "in a cause"},
		{`failures(`, 8, "not closed"},
		{`failures(timeot) = 0`, 9, "did you mean timeout?"},
		{`failures(none) = 0`, 9, "no cause"},
		{`failures(200) > 1%`, 9, "400 or above"},
		{`failures(3xx) > 1%`, 9, "4xx and 5xx"},
		{`failures(5xx,4xx) = 0`, 12, "one cause"},
		{`failures < 0.01`, 11, "write 1% (a share of 0.01) or 0.01%"},
		{`failures < 10`, 11, "write 10%"},
		{`failures < 101%`, 11, "between 0% and 100%"},
		{`failed < 1%`, 10, "measures a share"},
		{`rate < 0.01`, 7, "failures < 1%"},
		{`rate > 950`, 7, "write 950/s"},
		{`bytes > 100`, 8, "100B"},
		{`count > 5%`, 9, "a plain number"},
		{`count > 5k`, 9, "a plain number"},
		{`seconds > 3`, 8, "in brackets"},
		{`seconds(p95 < 1s`, 7, "not closed"},
		{`seconds(p95 < 1s over 5s) > 99%`, 17, "cannot stand inside"},
		{`seconds(p95 < 1s stop) > 99%`, 17, "cannot stand inside"},
		{`seconds(seconds(p95 < 1s) > 5%) > 99%`, 8, "cannot stand inside"},
		{`seconds(p95 < 1s) > 5`, 20, "write 5%"},
		{"p95 < 1s\xff", 8, "UTF-8"},
		{strings.Repeat("(", 100) + "p95 < 1s", maxDepth - 1, "nested"},
		{strings.Repeat("not ", 100) + "p95 < 1s", 4 * (maxDepth - 1), "nested"},
		{strings.Repeat("p95 < 1s and ", 40) + "p95 < 1s", 13 * maxConditions, "conditions"},
		{strings.Repeat(" ", 5000) + "p95 < 1s", maxExpr, "too long"},
	} {
		r, err := Parse(c.expr)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%q) = %v, %v; want it refused", c.expr, r, err)
			continue
		}
		if syntax.Pos != c.pos || !strings.Contains(syntax.Msg+"; "+syntax.Hint, c.says) || syntax.Expr != c.expr {
			t.Errorf("Parse(%q) is refused at %d (want %d), should say %q:\n%v", c.expr, syntax.Pos, c.pos, c.says, err)
		}
	}
}

func TestSyntaxErrorPointsAtTheCharacter(t *testing.T) {
	_, err := Parse("\"Größe\"\tp95\n< 500")
	want := "threshold: p95 is a time and 500 has no unit; write 500ms or 500s\n" +
		"    \"Größe\" p95 < 500\n" +
		"                  ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestParseAllTellsEverything(t *testing.T) {
	rules, err := ParseAll([]string{"p95 < 1s", "p95 <", "avg < 1s"})
	if rules != nil || err == nil || !strings.Contains(err.Error(), "p95 <\n") || !strings.Contains(err.Error(), "did you mean mean?") {
		t.Errorf("ParseAll = %v, %v; want both mistakes told", rules, err)
	}
	rules, err = ParseAll([]string{"p95 < 1s", "rate > 5/s stop"})
	if err != nil || len(rules) != 2 || rules[0].Stops() || !rules[1].Stops() {
		t.Errorf("ParseAll = %v, %v", rules, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`p95 < 500ms`, `[GET "Logged In*"] failures(5xx) < 0.5% over 1m30s during "lunch rush" stop`, `not (p99.9 < 2s or rate >= 950/min)`,
		`seconds("x" p95 <= baseline * 1.1) >= 99%`, `'it\'s' bytes > 1.5MiB and failed.max = 0`, `["a" "*"] failed(connect_timeout) != 3`, `p(`, "\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		r, err := Parse(expr)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Pos < 0 || syntax.Pos > len(expr) || syntax.Msg == "" {
				t.Fatalf("Parse(%q) is refused badly: %#v", expr, err)
			}
			_ = err.Error()
			return
		}
		if r.Err() != nil {
			t.Fatalf("Parse(%q) gives a rule with an error: %v", expr, r.Err())
		}
		canonical := r.String()
		again, err := Parse(canonical)
		if err != nil {
			if len(canonical) > maxExpr {
				return // brackets handed their scope on: longer than may be written
			}
			t.Fatalf("Parse(%q) = %q, which is refused: %v", expr, canonical, err)
		}
		if got := again.String(); got != canonical || again.Stops() != r.Stops() {
			t.Fatalf("Parse(%q) = %q, read again it is %q", expr, canonical, got)
		}
		if _, err := NewJudge([]*Rule{r}, JudgeOptions{}); err != nil && !strings.Contains(canonical, "during") {
			t.Fatalf("Parse(%q) cannot be judged: %v", expr, err)
		}
	})
}
