package stampede

import (
	"fmt"
	"regexp"

	"github.com/stampede-load/stampede/internal/jsonpath"
	"github.com/stampede-load/stampede/internal/page"
)

// Form is the value of a field in a form of the page, as it would be sent if nobody touched it: a hidden token, what is written in a text field,
// the option that is chosen. Of several fields with the name it is the first; Find tells them apart. The error says that there is none.
func (r *Response) Form(name string) (string, error) {
	for _, c := range page.Controls(r.Body(), r.Header("Content-Type")) {
		if c.Name == name {
			return c.Value, nil
		}
	}
	return "", fmt.Errorf("there is no field %q in a form of %s", name, r.what())
}

// Find is an attribute of the first element of the page that a CSS selector means, or its text when attribute is "":
//
//	token, err := resp.Find("meta[name=csrf-token]", "content")
//	token, err := resp.Find("form#comment input[name=nonce]", "value")
//
// The error says that there is no such element, or that the selector cannot be read.
func (r *Response) Find(selector, attribute string) (string, error) {
	value, found := page.FindIn(r.Body(), r.Header("Content-Type"), selector, attribute)
	switch {
	case found == page.FoundMistaken:
		return "", fmt.Errorf("the selector %q cannot be read", selector)
	case found == page.FoundNothing && attribute != "":
		return "", fmt.Errorf("there is no %s with %q in %s", selector, attribute, r.what())
	case found == page.FoundNothing:
		return "", fmt.Errorf("there is no %s in %s", selector, r.what())
	}
	return value, nil
}

// Match is what the first group of a regular expression stands for in the body, or all that matches when it has no group. The error says that
// nothing matches.
func (r *Response) Match(re *regexp.Regexp) (string, error) {
	m := re.FindSubmatch(r.Body())
	if m == nil {
		return "", fmt.Errorf("nothing matches %s in %s", re, r.what())
	}
	return string(m[min(1, len(m)-1)]), nil
}

// Path is a value in a JSON body, by the names and numbers on the way to it, with dots between: "data.items.0.id". A dot or a backslash that is
// part of a name has a backslash before it. A string is given as it is, a number and true or false as they are written, and an object or an array as JSON. The
// error says how far the way could be gone.
func (r *Response) Path(path string) (string, error) {
	return jsonpath.Find(unmarked(r.Body()), path, r.what())
}

// what names the answer in a text.
func (r *Response) what() string {
	if u := r.wire.URL; u != "" {
		return "the answer of " + u
	}
	return "the answer"
}
