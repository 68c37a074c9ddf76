package har

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// number is a number that may be written in quotes, be null, or not be there.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && f == f && f < 1e15 && f > -1e15 {
		*n = number(f)
	}
	return nil // what is no number is none
}

// word is a text that may be something else, and is then "".
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	if n := len(b); n >= 2 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) {
		*w = word(b[1 : n-1]) // nearly all
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = word(s)
	}
	return nil
}

// list is an array whose wrong members are left out.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil //nolint:nilerr // what is no list has no members
	}
	for dec.More() {
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return nil
		}
		var one T
		if json.Unmarshal(raw, &one) == nil {
			*l = append(*l, one)
		}
	}
	return nil
}

type (
	pair struct{ Name, Value word }

	page struct {
		ID      word `json:"id"`
		Title   word `json:"title"`
		Started word `json:"startedDateTime"`
	}

	entry struct {
		Page      word     `json:"pageref"`
		Started   word     `json:"startedDateTime"`
		Time      number   `json:"time"`
		Request   request  `json:"request"`
		Response  response `json:"response"`
		Timings   timings  `json:"timings"`
		Kind      word     `json:"_resourceType"`
		Clicked   word     `json:"_clicked"` // of record
		FromCache anything `json:"_fromCache"`
		Fetched   word     `json:"_fetchType"` // Safari's

		Messages list[message] `json:"_webSocketMessages"`
		Events   list[event]   `json:"_eventSourceMessages"`
	}

	timings struct {
		Wait number `json:"wait"`
	}

	request struct {
		Method  word       `json:"method"`
		URL     word       `json:"url"`
		Headers list[pair] `json:"headers"`
		Cookies list[pair] `json:"cookies"`
		Post    *post      `json:"postData"`
		Size    number     `json:"bodySize"`
	}

	post struct {
		Type     word        `json:"mimeType"`
		Text     word        `json:"text"`
		Encoding word        `json:"encoding"`
		File     word        `json:"_file"` // Playwright's, of a body that is kept apart
		Params   list[param] `json:"params"`
	}

	param struct {
		Name  word `json:"name"`
		Value word `json:"value"`
		File  word `json:"fileName"`
		Type  word `json:"contentType"`
	}

	response struct {
		Status   number     `json:"status"`
		Headers  list[pair] `json:"headers"`
		Cookies  list[pair] `json:"cookies"`
		Content  content    `json:"content"`
		Redirect word       `json:"redirectURL"`
		Size     number     `json:"bodySize"`
		Error    word       `json:"_error"`
	}

	content struct {
		Type     word `json:"mimeType"`
		Text     word `json:"text"`
		Encoding word `json:"encoding"`
		File     word `json:"_file"`
	}
)

// anything is a member of which only matters whether it is there.
type anything bool

func (a *anything) UnmarshalJSON(b []byte) error {
	s := string(bytes.TrimSpace(b))
	*a = s != "null" && s != "false" && s != "{}" && s != "[]" && s != `""`
	return nil
}

// when reads a time of a recording; the zero time when it is none.
func when(s word) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, string(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
