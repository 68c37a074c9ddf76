// Package sse reads server-sent events as browsers do (HTML standard, 9.2, "Server-sent events"). It is pure: bytes in, events out.
package sse

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/jsonpath"
)

// Event is one event.
type Event struct {
	Type string // "message" when the site gave none
	Data string
	ID   string // the last one that the site gave, with this event or before it
}

// Path is a value in an event whose data is JSON, by the names and numbers on the way to it, with dots between, as of an answer.
func (e Event) Path(path string) (string, error) {
	return jsonpath.Find([]byte(e.Data), path, "the event")
}

// Match is what the first group of a regular expression stands for in the data of the event, or all that matches when it has no group. The error
// says that nothing matches.
func (e Event) Match(re *regexp.Regexp) (string, error) {
	found := re.FindStringSubmatch(e.Data)
	if found == nil {
		return "", fmt.Errorf("nothing matches %s in the event", re)
	}
	return found[min(1, len(found)-1)], nil
}

// MaxEvent is how many bytes an event may have.
const MaxEvent = 4 << 20

// ErrTooLarge is what Push returns for an event above MaxEvent.
var ErrTooLarge = errors.New("sse: an event is above the limit of 4 MB")

// Reader finds events in a stream of bytes, in whatever pieces they come. The zero value stands at the beginning of a stream.
type Reader struct {
	LastID string        // of the last event that was complete; set it to go on with another stream
	Retry  time.Duration // what the site wants before a stream is opened again; 0 when it has not said

	line  []byte // that is not complete
	data  []byte
	typ   string
	id    string
	begun bool // the mark of an encoding may no longer come
	fresh bool // id holds what came in this stream
	cr    bool // the last line ended with CR: an LF belongs to it
	some  bool // there was a data field
}

// Push takes all of p and gives the events that are complete by it.
func (r *Reader) Push(p []byte, yield func(Event)) error {
	if !r.fresh {
		r.id, r.fresh = r.LastID, true
	}
	for len(p) > 0 {
		if r.cr {
			if r.cr = false; p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		end := bytes.IndexAny(p, "\r\n")
		if end < 0 {
			r.line = append(r.line, p...)
			return r.bounded()
		}
		r.line = append(r.line, p[:end]...)
		r.cr = p[end] == '\r'
		p = p[end+1:]
		if err := r.bounded(); err != nil {
			return err
		}
		r.take(yield)
		r.line = kept(r.line)
	}
	return nil
}

func (r *Reader) bounded() error {
	if len(r.line)+len(r.data) > MaxEvent {
		return ErrTooLarge
	}
	return nil
}

// take understands a line.
func (r *Reader) take(yield func(Event)) {
	line := r.line
	if !r.begun {
		r.begun = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if len(line) == 0 {
		r.dispatch(yield)
		return
	}
	name, value, _ := strings.Cut(string(line), ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "event":
		r.typ = value
	case "data":
		r.data = append(append(r.data, value...), '\n')
		r.some = true
	case "id":
		if !strings.ContainsRune(value, 0) {
			r.id = value
		}
	case "retry":
		if n, err := strconv.ParseUint(value, 10, 31); err == nil {
			r.Retry = time.Duration(n) * time.Millisecond
		}
	}
}

// dispatch ends an event. Without data it was none, but its id counts.
func (r *Reader) dispatch(yield func(Event)) {
	r.LastID = r.id
	if r.some {
		e := Event{Type: r.typ, Data: strings.ToValidUTF8(string(r.data[:len(r.data)-1]), "\uFFFD"), ID: r.id}
		if e.Type == "" {
			e.Type = "message"
		}
		yield(e)
	}
	r.typ, r.data, r.some = "", kept(r.data), false
}

// kept is a buffer for what comes next; what was large once is no reason to keep so much.
func kept(b []byte) []byte {
	if cap(b) > 64<<10 {
		return nil
	}
	return b[:0]
}

// Again makes the reader ready for another stream that goes on where this one ended. An event that was not complete is forgotten, its id too.
func (r *Reader) Again() {
	*r = Reader{LastID: r.LastID, Retry: r.Retry}
}
