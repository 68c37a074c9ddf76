package har_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/har"
)

// Streams are known by what a recording says of them, and have their events from it or from the body; a request whose answer happens to be one is none.
// Written again they are the same.
func TestStreams(t *testing.T) {
	const asks, answers = `"headers":[{"name":"accept","value":"text/event-stream"}]`, `"content":{"mimeType":"text/event-stream; charset=utf-8","text":"id: 1\nevent: pass\ndata: {\"k\":1}\n\ndata: two\n\n"}`
	for text, want := range map[string]string{
		`"_resourceType":"eventsource","request":{"url":"https://a.example/e"},"response":{"status":200,"_error":"net::ERR_ABORTED"},"_eventSourceMessages":[{"time":1796017751.25,"eventName":"pass","eventId":"1","data":"x"},{"time":1796017751.5,"eventName":"","data":"y"}]`: "true: pass x 05:49:11.25 | message y 05:49:11.5",
		`"request":{"url":"https://a.example/e",` + asks + `},"response":{"status":200,` + answers + `}`:                 `true: pass {"k":1} 00:00:00 | message two 00:00:00`,
		`"_resourceType":"eventsource","request":{"url":"https://a.example/e"},"response":{"status":200,"content":{}}`:   "true: ",
		`"request":{"method":"POST","url":"https://a.example/e",` + asks + `},"response":{"status":200,` + answers + `}`: "false: ",
		`"request":{"url":"https://a.example/e"},"response":{"status":200,` + answers + `}`:                              "false: ",
	} {
		r, err := read(t, `{"log":{"entries":[{`+text+`}]}}`)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := told(r.Requests[0]); got != want {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
		var b bytes.Buffer
		if err := har.Write(&b, r); err != nil {
			t.Fatal(err)
		}
		again, err := read(t, b.String())
		if err != nil || told(again.Requests[0]) != want {
			t.Errorf("written again: %v, %s", err, &b)
		}
	}
}

func told(q *importer.Request) string {
	var all []string
	for _, m := range q.Messages {
		all = append(all, fmt.Sprintf("%s %s %s", m.Event, m.Data, m.At.Format("15:04:05.999")))
	}
	return fmt.Sprintf("%v: %s", q.Stream, strings.Join(all, " | "))
}
