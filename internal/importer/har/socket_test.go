package har_test

import (
	"fmt"
	"strings"
	"testing"
)

// Messages are read as Chromium writes them (seconds), as Playwright does (milliseconds), and as others may; a socket without them is one too.
func TestSockets(t *testing.T) {
	for text, want := range map[string]string{
		`"request":{"url":"wss://a.example/ws?x=1"},"response":{"status":101},"time":90000,"_webSocketMessages":[{"type":"send","time":1796017751.25,"opcode":1,"data":"hi"},{"type":"receive","time":1796017751.5,"opcode":2,"data":"AP8="}]`: "https://a.example/ws?x=1 GET 0s: > text hi 05:49:11.25 | < bytes \x00\xff 05:49:11.5",
		`"_resourceType":"websocket","request":{"url":"ws://a.example/","method":"GET"},"response":{"status":101},"_webSocketMessages":[{"type":"SEND","time":1796017751250,"opcode":1,"data":"hi"}]`:                                          "http://a.example/ GET 0s: > text hi 05:49:11.25",
		`"request":{"url":"WSS://a.example/"},"response":{"status":101}`: "https://a.example/ GET 0s: ",
		`"request":{"url":"https://a.example/"},"response":{"status":0},"_webSocketMessages":[null,{"type":"send","opcode":9,"data":"p"},{"type":"send","opcode":"1","time":null,"data":"\u00e9"}]`: "https://a.example/ GET 0s: > text é 00:00:00",
	} {
		r, err := read(t, `{"log":{"entries":[{`+text+`}]}}`)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		q := r.Requests[0]
		var all []string
		for _, m := range q.Messages {
			all = append(all, fmt.Sprintf("%s %s %s %s", map[bool]string{true: ">", false: "<"}[m.Sent], map[bool]string{true: "bytes", false: "text"}[m.Binary], m.Data, m.At.Format("15:04:05.999")))
		}
		if got := fmt.Sprintf("%s %s %v: %s", q.URL, q.Method, q.Took, strings.Join(all, " | ")); got != want {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
}
