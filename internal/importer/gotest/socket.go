package gotest

import (
	"fmt"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer/flow"
)

// socket writes what is said over a WebSocket, as the end of a method.
func (w *writer) socket(t *flow.Task, c *flow.Call, leave func(string) string) {
	x := &scribe{writer: w, task: t}
	w.imports[module+"/websocket"] = true
	dial := "websocket.Dial(ctx, v, "
	if len(c.Socket.Protocols) > 0 {
		dial = fmt.Sprintf("(&websocket.Dialer{Protocols: %#v}).Dial(ctx, v, ", c.Socket.Protocols)
	}
	w.printf("\tsocket, err := %s%s", dial, x.address(c))
	for _, o := range x.options(c) {
		w.printf(", %s", o)
	}
	w.printf(")\n\tif err != nil {\n\t\treturn %s\n\t}\n\tdefer socket.Close()\n", leave("err"))
	must := func(statement string) {
		w.printf("\tif %s; err != nil {\n\t\treturn %s\n\t}\n", statement, leave("err"))
	}
	pause := func(d time.Duration) {
		if d > 0 {
			w.printf("\tif err := v.Pause(ctx, %s); err != nil {\n\t\treturn err\n\t}\n", w.duration(d))
		}
	}
	name, _ := c.Path.Constant()
	if c.Socket.Greeting {
		must(fmt.Sprintf("_, err := socket.Expect(ctx, %q, nil)", strings.TrimSpace(name+" first message")))
	}
	for _, m := range c.Socket.Messages {
		pause(m.Wait)
		if !m.Answered {
			must("err := socket.Send(ctx, " + x.message(m) + ")")
			continue
		}
		match := "nil"
		if m.Field != "" {
			w.needs["says"] = true
			match = fmt.Sprintf("says(%q, %s)", m.Field, x.value(m.Is, false))
		}
		must(fmt.Sprintf("_, err := socket.Exchange(ctx, %q, %s, %s)", oneLine(m.Name), x.message(m), match))
	}
	pause(c.Socket.Stay)
	w.printf("\treturn nil\n")
}

// message writes one that is sent.
func (x *scribe) message(m *flow.Message) string {
	switch {
	case m.BodyFile != "":
		x.needs["body"] = true
		if !m.Binary {
			return fmt.Sprintf("websocket.Text(string(body(%q)))", m.BodyFile)
		}
		return fmt.Sprintf("websocket.Binary(body(%q))", m.BodyFile)
	case m.JSON != nil:
		return "websocket.JSON(" + x.node(m.JSON, 1) + ")"
	}
	return "websocket.Text(" + x.value(m.Text, false) + ")"
}
