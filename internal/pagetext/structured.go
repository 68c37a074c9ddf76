package pagetext

import (
	"encoding/json"
	"slices"
	"strings"
)

// tellers are the names under which JSON and XML say what went wrong, the most telling first.
var tellers = []string{
	"error_description", "message", "errormessage", "error_message", "detail", "details", "msg", "faultstring", "reason", "description", "error",
	"errors", "title", "exception", "code",
}

// fromJSON is the texts that stand under a telling name, the most telling first; of equals the first, and the outer one before the inner. JSON
// that is cut off is read as far as it goes.
func fromJSON(text string) []string {
	d := json.NewDecoder(strings.NewReader(text))
	found := map[int][]string{}
	var names []string // of the objects and lists that are open; "" in a list without a name
	var inObject []bool
	name, wantName := "", false
	for range 10_000 {
		t, err := d.Token()
		if err != nil {
			break
		}
		switch v := t.(type) {
		case json.Delim:
			switch v {
			case '{', '[':
				names, inObject = append(names, name), append(inObject, v == '{')
				wantName = v == '{'
				continue
			default:
				names, inObject = names[:len(names)-1], inObject[:len(inObject)-1]
			}
		case string:
			if wantName {
				name, wantName = strings.ToLower(v), false
				continue
			}
			if i := slices.Index(tellers, name); i >= 0 && len(found[i]) < 3 {
				found[i] = append(found[i], v)
			}
		}
		wantName = len(inObject) > 0 && inObject[len(inObject)-1]
		if len(names) > 0 && !wantName {
			name = names[len(names)-1] // the next of a list stands under the name of the list
		}
	}
	var out []string
	for i := range tellers {
		out = append(out, found[i]...)
	}
	return out
}
