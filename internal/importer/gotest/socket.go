package gotest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer/flow"
)

// dialogue writes what is said over one socket in one step, as a method's body.
type dialogue struct {
	*scribe
	step  *flow.Step
	of    *flow.Socket
	leave func(string) string
	later []*flow.Hear // what is said again and again: looked at just before it is needed
}

// socket writes a step of a socket.
func (w *writer) socket(t *flow.Task, s *flow.Step, leave func(string) string) {
	d := &dialogue{scribe: &scribe{writer: w, task: t}, step: s, leave: leave}
	for _, c := range s.Calls {
		if d.notes(c); c.Socket != nil {
			d.of = c.Socket
			d.open(c)
		} else if d.of == nil {
			d.of = c.Over
			w.printf("\t%s := v.%s\n", d.variable(), d.of.Member)
			d.closing()
		}
		d.say(c)
	}
	d.hears(d.later)
	w.printf("\treturn nil\n")
}

// notes writes what stands above a call.
func (d *dialogue) notes(c *flow.Call) {
	for _, v := range c.Makes {
		d.printf("\tv.%s = %s // %s\n", v.Name, d.made(v.Made, v.Length, nil), oneLine(v.Why))
	}
	for _, n := range c.Notes {
		d.comment("\t", "To do by hand: "+n+".")
	}
}

// variable is what the socket is called in a method.
func (d *dialogue) variable() string {
	if d.of.Stream {
		return "events"
	}
	return "socket"
}

// closing closes the socket at the end of the last step that needs it.
func (d *dialogue) closing() {
	if d.of.Member == "" || d.step.Ends == d.of {
		d.printf("\tdefer %s.Close()\n", d.variable())
	}
}

// open writes the handshake.
func (d *dialogue) open(c *flow.Call) {
	d.printf("\t%s, err := %s%s", d.variable(), d.dialer(), d.address(c))
	for _, o := range d.options(c) {
		d.printf(", %s", o)
	}
	d.printf(")\n\tif err != nil {\n\t\treturn %s\n\t}\n", d.leave("err"))
	if d.of.Member != "" {
		d.printf("\tv.%s = %s\n", d.of.Member, d.variable())
	}
	d.closing()
}

// dialer is the beginning of the call that opens a socket.
func (d *dialogue) dialer() string {
	if d.of.Stream {
		return "v.Events(ctx, "
	}
	d.imports[module+"/websocket"] = true
	var set []string
	if len(d.of.Protocols) > 0 {
		set = append(set, fmt.Sprintf("Protocols: %#v", d.of.Protocols))
	}
	var keeps []string
	for _, h := range d.of.Keeps {
		if m := d.match(h); !slices.Contains(keeps, m) {
			keeps = append(keeps, m)
		}
	}
	switch {
	case len(keeps) == 1:
		set = append(set, "Keep: "+keeps[0])
	case len(keeps) > 1:
		d.needs["anyOf"] = true
		set = append(set, "Keep: anyOf("+strings.Join(keeps, ", ")+")")
	}
	if len(set) == 0 {
		return "websocket.Dial(ctx, v, "
	}
	return "(&websocket.Dialer{" + strings.Join(set, ", ") + "}).Dial(ctx, v, "
}

// must writes a statement whose error ends the flow.
func (d *dialogue) must(statement string) {
	d.printf("\tif %s; err != nil {\n\t\treturn %s\n\t}\n", statement, d.leave("err"))
}

func (d *dialogue) pause(t time.Duration) {
	if t > 0 {
		d.printf("\tif err := v.Pause(ctx, %s); err != nil {\n\t\treturn err\n\t}\n", d.duration(t))
	}
}

// say writes what is sent and what is waited for.
func (d *dialogue) say(c *flow.Call) {
	if c.Socket != nil && c.Socket.Greeting {
		name, _ := c.Path.Constant()
		d.must(fmt.Sprintf("_, err := socket.Expect(ctx, %q, nil)", strings.TrimSpace(name+" first message")))
	}
	if m := c.Said; m != nil {
		d.pause(m.Wait)
		d.hears(d.later)
		d.later = nil
		d.send(m)
	}
	var now []*flow.Hear
	for _, h := range c.Hears {
		if h.Last && !d.of.Stream {
			d.later = append(d.later, h)
		} else {
			now = append(now, h)
		}
	}
	if d.hears(now); c.Socket != nil {
		d.pause(c.Socket.Stay)
	}
}

// hears writes what is waited for.
func (d *dialogue) hears(all []*flow.Hear) {
	for _, h := range all {
		switch {
		case d.of.Stream:
			d.needs["hear"] = true
			d.must(fmt.Sprintf("err := hear(ctx, events, %q, %s)", h.Type, d.takes("e stampede.StreamEvent", "e", h)))
		case h.Last:
			d.must(fmt.Sprintf("_, err := socket.Latest(ctx, %q, %s, %s)", oneLine(h.Name), d.match(h), d.takes("m websocket.Message", "m", h)))
		default:
			d.must(fmt.Sprintf("_, err := socket.Expect(ctx, %q, %s, %s)", oneLine(h.Name), d.match(h), d.takes("m websocket.Message", "m", h)))
		}
	}
}

// send writes a message that is sent, and the wait for its answer.
func (d *dialogue) send(m *flow.Message) {
	if !m.Answered {
		d.must("err := socket.Send(ctx, " + d.message(m) + ")")
		return
	}
	match, takes := "nil", ""
	if m.Field != "" {
		d.needs["says"] = true
		match = fmt.Sprintf("says(%q, %s)", m.Field, d.value(m.Is, false))
	}
	if h := m.Gets; h != nil {
		if own := d.match(h); h.Path != "" || h.Match != nil {
			match = own
		}
		takes = ", " + d.takes("m websocket.Message", "m", h)
	}
	d.must(fmt.Sprintf("_, err := socket.Exchange(ctx, %q, %s, %s%s)", oneLine(m.Name), d.message(m), match, takes))
}

// match is what tells the message that something is taken from.
func (d *dialogue) match(h *flow.Hear) string {
	var all []string
	if h.Field != "" {
		d.needs["says"] = true
		all = append(all, fmt.Sprintf("says(%q, %s)", h.Field, d.value(h.Is, false)))
	}
	if h.Path != "" {
		d.needs["has"] = true
		all = append(all, "has("+quoted(h.Path)+")")
	}
	if h.Match != nil {
		d.needs["matches"] = true
		all = append(all, "matches("+d.expression(h.Match)+")")
	}
	switch len(all) {
	case 0:
		return "nil"
	case 1:
		return all[0]
	}
	d.needs["allOf"] = true
	return "allOf(" + strings.Join(all, ", ") + ")"
}

// takes is the check that keeps values of a message.
func (d *dialogue) takes(param, from string, h *flow.Hear) string {
	return "func(" + param + ") (err error) {\n" + d.keeps(from, h.Gets) + "}"
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
