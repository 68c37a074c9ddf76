package websocket_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	other "github.com/coder/websocket"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/websocket"
)

// chatty says what it is told to say before each answer: the lines of the question.
func chatty(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := other.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			_, b, err := c.Read(t.Context())
			if err != nil {
				return
			}
			for line := range strings.SplitSeq(string(b), "\n") {
				if c.Write(t.Context(), other.MessageText, []byte(line)) != nil {
					return
				}
			}
		}
	})
}

func is(prefix string) func(websocket.Message) bool {
	return func(m websocket.Message) bool { return strings.HasPrefix(m.String(), prefix) }
}

// What is kept outlasts questions and others, is no answer to a question that came after it, and is there for whoever waits for it, in its order.
// Of what is said again and again the last one is given.
func TestMessagesThatAreKept(t *testing.T) {
	host := serve(t, chatty(t))
	report := visit(t, stampede.Plan{Host: host}, func(f *fan, ctx context.Context) error {
		d := websocket.Dialer{Keep: is("pass"), Inbox: 5}
		c, err := d.Dial(ctx, f, "/queue")
		if err != nil {
			return err
		}
		defer c.Close()
		ask := func(text string, match func(websocket.Message) bool) string {
			m, err := c.Exchange(ctx, "ask", websocket.Text(text), match)
			return fmt.Sprint(m, err)
		}
		if got := ask("pass 1\ntick 1\nanswer 1", is("answer")); !strings.HasPrefix(got, "answer 1") {
			t.Error(got)
		}
		// The pass that came before the question is not its answer.
		if got := ask("tick 2\npass 2\ntick 3", is("pass")); !strings.HasPrefix(got, "pass 2") {
			t.Error(got)
		}
		for _, want := range []string{"pass 1", "tick 3"} {
			m, err := c.Receive(ctx)
			if err != nil || m.String() != want {
				t.Errorf("%s %v, not %s", m, err, want)
			}
		}
		if got := ask("pass 3\ntick 4\npass 4\ntick 5\ndone", is("done")); !strings.HasPrefix(got, "done") {
			t.Error(got)
		}
		if m, err := c.Latest(ctx, "pass", is("pass")); err != nil || m.String() != "pass 4" {
			t.Error(m, err)
		}
		if m, err := c.Expect(ctx, "pass", is("pass")); err != nil || m.String() != "pass 3" {
			t.Error(m, err)
		}
		// While somebody waits for one, no more are kept than are asked for.
		var many []string
		for i := range 20 {
			many = append(many, fmt.Sprint("pass ", i))
		}
		if got := ask(strings.Join(many, "\n")+"\nend", is("end")); !strings.HasPrefix(got, "end") {
			t.Error(got)
		}
		if m, err := c.Expect(ctx, "pass", is("pass")); err != nil || m.String() != "pass 15" || c.Counts().Dropped != 15 {
			t.Error(m, err, c.Counts())
		}
		return nil
	})
	if text := failures(report); text != "" {
		t.Error(text)
	}
}

func TestPathAndMatchOfMessages(t *testing.T) {
	m := websocket.Text(`42["admitted",{"pass":"x7"}]`)
	if got, err := m.Match(regexp.MustCompile(`"pass":"([^"]+)`)); got != "x7" || err != nil {
		t.Error(got, err)
	}
	if _, err := m.Match(regexp.MustCompile(`nothing`)); err == nil || err.Error() != "nothing matches nothing in the message" {
		t.Error(err)
	}
	if got, err := websocket.Text(`{"a":[{"b":5}]}`).Path("a.0.b"); got != "5" || err != nil {
		t.Error(got, err)
	}
	if _, err := m.Path("a"); err == nil || err.Error() != `there is no "a" in the JSON of the message` {
		t.Error(err)
	}
}
